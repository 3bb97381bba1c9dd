"""Withdrawing the caller's copy: every link and code of the call ends at once, and the log says who did that."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from ivr.calls.copies import CopyService
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.scope import CallFinder


def withdrawal_pages(copies: CopyService, find_call: CallFinder) -> list[Page]:
    def withdraw(user: User, call_id: str) -> ResponseReturnValue:
        """Doing it twice is doing it once. Back to the page of the call, which is one step up."""
        call = find_call(call_id, user)
        copies.withdraw(call.call_id, user.name)
        return redirect(request.path.rpartition("/")[0], 303)

    rule = "/gesprekken/<call_id>/kopie-intrekken"
    return [Page(rule, "withdraw_copies", withdraw, Permission.WITHDRAW_COPIES, method="POST")]
