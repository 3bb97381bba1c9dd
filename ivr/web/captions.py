"""What is heard, for who reads along: the browser phone beside the local carrier only. Nothing of it is kept."""

import json
from dataclasses import dataclass, field

from aiohttp import web

from speech.events import IntentHeard, SpeechEvent, SpeechHeard


@dataclass(slots=True)
class Captions:
    """Who wants to read along. A matter is told as an intent, with the matter for its label."""

    readers: set[web.WebSocketResponse] = field(default_factory=set)

    async def tell(self, call_sid: str, event: SpeechEvent) -> None:
        if not self.readers:
            return
        caption = {"call_sid": call_sid, "text": event.text, "confidence": event.confidence}
        if isinstance(event, SpeechHeard):
            caption |= {"type": "speech", "at_s": event.end_s}
        else:
            label = event.label if isinstance(event, IntentHeard) else event.matter
            caption |= {"type": "intent", "label": label, "at_s": event.at_s}
        for reader in list(self.readers):
            try:
                await reader.send_str(json.dumps(caption))
            except ConnectionError:
                self.readers.discard(reader)
