"""How a call comes in: a leg to the carrier's number, whose document is the customer's voice URL."""

from functools import partial

from ivr.emulator.exchange import Exchange
from ivr.emulator.legs import Callback, DocumentRequest, Leg, Party
from ivr.emulator.twiml import run_document


def dial_in(exchange: Exchange, from_: str, to: str, party: Party) -> Leg:
    settings = exchange.settings
    leg = Leg(
        exchange,
        from_,
        to,
        "inbound",
        party=party,
        callback=Callback(settings.status_callback, events=frozenset({"completed"})),
        fallback=DocumentRequest("fallback", settings.voice_fallback_url) if settings.voice_fallback_url else None,
    )
    leg.set_status("ringing")
    leg.perform(partial(run_document, leg, DocumentRequest("voice", settings.voice_url)))
    return leg
