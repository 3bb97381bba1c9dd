"""An SMS to the caller, of whose outcome the call is told."""

from collections.abc import Callable

from ivr.calls.driver import CallDriver
from ivr.dialogue.events import Event
from ivr.errors import CarrierRefused
from ivr.ports import Carrier


def send_sms(
    driver: CallDriver,
    carrier: Carrier,
    call_id: str,
    number_e164: str | None,
    text: str,
    *,
    sent: Event,
    failed: Callable[[str], Event],
) -> None:
    """`number_e164` is None where it was erased. Raises `CarrierBusy`.

    The carrier has no way to send one message once: a crash between its answer and our entry makes a second SMS with
    the same words.
    """
    if number_e164 is None:
        driver.handle(call_id, failed("the caller's number was erased"))
        return
    try:
        carrier.send_sms(number_e164, text)
    except CarrierRefused as fault:
        driver.handle(call_id, failed(str(fault)))
    else:
        driver.handle(call_id, sent)
