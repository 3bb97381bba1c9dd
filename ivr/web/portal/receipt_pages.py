"""The caller's receipt, for who is there: as a page, a PDF, a file that proves itself, and that proof alone."""

from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template, url_for

from ivr.calls.copies import Copy, NoCopy, UnknownTicket
from ivr.calls.receipt_file import Issued
from ivr.web.language import language
from ivr.web.portal.desk import Desk, nothing
from ivr.web.portal.visits import Visit
from ivr.web.receipts.answers import file_answer, pdf_answer, proof_answer
from ivr.web.receipts.telling import complaint_words, document_of, own_rules


def add_receipt_pages(portal: Blueprint, desk: Desk) -> None:
    """Under /kopie/opname."""
    portal.context_processor(lambda: {"own_rules": own_rules, "complaint_words": complaint_words})

    @portal.get("/opname/bewijs")
    def receipt() -> Response:
        visit = desk.visit()
        found, given = give(visit)
        if not isinstance(given, Issued):
            return nothing(given)
        only = isinstance(found, NoCopy) and found.is_for_receipt
        page = render_template("kopie/receipt.html", document=document_of(given), found=found, visit=visit, only=only)
        return make_response(page)

    @portal.get("/opname/bewijs.pdf")
    def receipt_pdf() -> Response:
        return answer(pdf_answer)

    @portal.get("/opname/bewijs.json")
    def receipt_file() -> Response:
        return answer(file_answer)

    @portal.get("/opname/bewijs.tlog-proof")
    def receipt_proof() -> Response:
        return answer(proof_answer)

    def answer(form: Callable[[Issued], Response]) -> Response:
        _, given = give(desk.visit())
        return form(given) if isinstance(given, Issued) else nothing(given)

    def give(visit: Visit) -> tuple[Copy | NoCopy, Issued | NoCopy | UnknownTicket]:
        """What the visit's ticket opens, and the receipt of its call. Raises `VisitOver`."""
        found, _ = desk.holder(visit)
        rules_url = url_for("public.show_rules", slug=found.policy.slug, _external=True)
        return found, desk.receipts.for_caller(visit.ticket_id, visit.name, language(), rules_url)
