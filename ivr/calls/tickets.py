"""What a caller's link or code opens: the copy of the agency's recording, or the receipt of the call alone."""

from collections.abc import Iterable
from enum import StrEnum

from storage.records import CopyTicket


class TicketKind(StrEnum):
    """How the caller got it, and what for. It stands in the ticket's id, so that a call has one of each at most."""

    SMS = "sms"
    CODE = "code"
    RECEIPT_SMS = "receipt-sms"
    RECEIPT_CODE = "receipt-code"

    @property
    def is_link(self) -> bool:
        """By SMS; the others are pick-up codes, which were read out on the call."""
        return self in (TicketKind.SMS, TicketKind.RECEIPT_SMS)

    @property
    def is_for_receipt(self) -> bool:
        """It opens no recording, whatever becomes of one: the caller was refused, and promised no copy."""
        return self in (TicketKind.RECEIPT_SMS, TicketKind.RECEIPT_CODE)


def ticket_id(call_id: str, kind: TicketKind) -> str:
    return f"{call_id}:{kind}"


def kind_of(ticket: CopyTicket) -> TicketKind:
    """Inverse of `ticket_id`. Raises `ValueError` for an id of another shape."""
    return TicketKind(ticket.ticket_id.removeprefix(f"{ticket.call_id}:"))


def copy_tickets(tickets: Iterable[CopyTicket]) -> list[CopyTicket]:
    """Those that open a copy."""
    return [ticket for ticket in tickets if not kind_of(ticket).is_for_receipt]
