"""An SMS to the caller, and whom its outcome is told."""

from collections.abc import Callable

from ivr.errors import CarrierRefused
from ivr.ports import Carrier


def send_sms(
    carrier: Carrier,
    number_e164: str | None,
    text: str,
    *,
    sent: Callable[[], object],
    failed: Callable[[str], object],
) -> None:
    """`number_e164` is None where it was erased. Raises `CarrierBusy`.

    The carrier has no way to send one message once: a crash between its answer and our entry makes a second SMS with
    the same words.
    """
    if number_e164 is None:
        failed("the caller's number was erased")
        return
    try:
        carrier.send_sms(number_e164, text)
    except CarrierRefused as fault:
        failed(str(fault))
    else:
        sent()
