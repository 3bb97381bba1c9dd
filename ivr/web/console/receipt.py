"""The receipt of a call for who has no internet: staff print it, as the caller would get it."""

from flask import url_for
from flask.typing import ResponseReturnValue

from ivr.calls.agencies import Agencies
from ivr.calls.receipts import ReceiptService
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.evidence import whole_evidence
from ivr.web.language import choose_language_of, language
from ivr.web.receipts.answers import pdf_answer
from ivr.web.scope import CallFinder


def receipt_pages(receipts: ReceiptService, agencies: Agencies, find_call: CallFinder) -> list[Page]:
    def print_receipt(user: User, call_id: str) -> ResponseReturnValue:
        """The PDF, in the language that is asked for."""
        call = find_call(call_id, user)
        policy = agencies.by_digest(call.agency, call.policy_digest)
        choose_language_of(policy, ask_browser=False)
        rules_url = url_for("public.show_rules", slug=policy.slug, _external=True)
        with whole_evidence():
            issued = receipts.for_staff(call, user.name, language(), rules_url)
        return pdf_answer(issued)

    rule = "/gesprekken/<call_id>/bewijs.pdf"
    return [Page(rule, "call_receipt", print_receipt, Permission.EXPORT_CALLS, method="POST")]
