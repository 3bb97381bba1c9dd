"""A receipt as an answer to a request: the PDF, the file that proves itself, or the proof alone."""

from flask import Response

from ivr.calls.receipt_file import Issued
from ivr.web.receipts.pdf import draw_pdf
from ivr.web.receipts.telling import document_of, file_name
from storage.consent_log import tlog_proof


def pdf_answer(issued: Issued) -> Response:
    return _named(issued, draw_pdf(issued, document_of(issued)), "application/pdf", ".pdf")


def file_answer(issued: Issued) -> Response:
    return _named(issued, issued.as_file(), "application/json", ".json")


def proof_answer(issued: Issued) -> Response:
    """Of the entry about the receipt; the file has those of all entries."""
    return _named(issued, issued.proof.text().encode(), tlog_proof.MEDIA_TYPE, tlog_proof.SUFFIX)


def _named(issued: Issued, body: bytes, media_type: str, suffix: str) -> Response:
    response = Response(body, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=file_name(issued, suffix))
    return response
