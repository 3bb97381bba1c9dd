"""Text messages: accepted, sent, delivered, and told about."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from ivr.emulator.events import utc_now
from ivr.emulator.exchange import Exchange, new_sid
from ivr.emulator.legs import API_VERSION

_STEP_S = 0.1


@dataclass(eq=False)
class Message:
    exchange: Exchange
    from_: str
    to: str
    body: str
    callback_url: str = ""
    sid: str = field(default_factory=lambda: new_sid("SM"))
    status: str = "queued"
    created_at: datetime = field(default_factory=utc_now)
    updated_at: datetime = field(default_factory=utc_now)

    def send(self) -> None:
        self.exchange.messages[self.sid] = self
        self.exchange.events.add("sms", messageSid=self.sid, to=self.to, body=self.body, **{"from": self.from_})
        self.exchange.spawn(self._deliver())

    async def _deliver(self) -> None:
        for status in ("sent", "delivered"):
            await asyncio.sleep(_STEP_S)
            self.status = status
            self.updated_at = utc_now()
            fields = {
                "AccountSid": self.exchange.settings.account_sid,
                "ApiVersion": API_VERSION,
                "From": self.from_,
                "To": self.to,
                "MessageSid": self.sid,
                "SmsSid": self.sid,
                "MessageStatus": status,
                "SmsStatus": status,
            }
            self.exchange.webhooks.notify("message-status", self.callback_url, "POST", fields)
