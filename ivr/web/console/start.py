"""`/console`: where everybody begins."""

from flask import render_template
from flask.typing import ResponseReturnValue

from ivr.calls.agencies import Agencies
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page


def start_pages(agencies: Agencies) -> list[Page]:
    def start(user: User) -> ResponseReturnValue:
        mine = [agencies.now(slug) for slug in sorted(user.agencies)]
        return render_template("console/start.html", agencies=mine)

    return [Page("", "start", start, Permission.BE_SIGNED_IN)]
