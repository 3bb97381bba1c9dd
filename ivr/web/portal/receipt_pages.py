"""The caller's receipt, for who is there: as a page, a PDF, a file that proves itself, and that proof alone."""

from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template, url_for

from ivr.calls.receipt_file import Issued
from ivr.web.language import language
from ivr.web.portal.desk import Desk, nothing
from ivr.web.receipts.answers import file_answer, pdf_answer, proof_answer
from ivr.web.receipts.telling import complaint_words, document_of, own_rules


def add_receipt_pages(portal: Blueprint, desk: Desk) -> None:
    """Under /kopie/opname."""
    portal.context_processor(lambda: {"own_rules": own_rules, "complaint_words": complaint_words})

    @portal.get("/opname/bewijs")
    def receipt() -> Response:
        return answer(page)

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
        visit = desk.visit()
        holder, _ = desk.holder(visit)
        rules_url = url_for("public.show_rules", slug=holder.policy.slug, _external=True)
        found = desk.receipts.for_caller(visit.ticket_id, visit.name, language(), rules_url)
        return form(found) if isinstance(found, Issued) else nothing(found)

    def page(issued: Issued) -> Response:
        return make_response(render_template("kopie/receipt.html", document=document_of(issued)))
