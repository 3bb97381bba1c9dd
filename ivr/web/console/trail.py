"""`/console/inzage`: who did or saw what, in words; searched, paged, and as a file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as calendar_date
from datetime import datetime, time, timedelta

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.ports import Clock, Database
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.formats import AMSTERDAM
from ivr.web.language import N_, gettext
from ivr.web.trail_words import ACTIONS, PARAMETERS, result_words, role_words, words_of
from storage.oversight import TrailFilter, TrailLine
from storage.spreadsheet import plain_cell

PAGE = 50
MOST_IN_A_FILE = 50_000
LONGEST = 200
HEADER = ("at", "actor", "role", "action", "words", "object", "agency", "result", "origin")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it was typed, and what is wrong with it by field."""

    actor: str = ""
    object: str = ""
    action: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of_request(cls) -> "Asked":
        names = {"actor": "wie", "object": "over", "action": "wat", "since": "van", "until": "tot"}
        return cls(**{field: request.args.get(name, "").strip()[:LONGEST] for field, name in names.items()})

    def faults(self) -> dict[str, str]:
        wrong = gettext("Vul een datum in, zoals 2026-11-03.")
        faults = {
            name: wrong for name, text in (("van", self.since), ("tot", self.until)) if text and _day(text) is None
        }
        first, last = _day(self.since), _day(self.until)
        if not faults and first is not None and last is not None and last < first:
            faults["tot"] = gettext("De laatste dag ligt voor de eerste.")
        return faults

    def filter(self, agencies: Sequence[str], strangers: Sequence[str]) -> TrailFilter:
        """Days are Dutch days; the last one counts whole."""
        last = _day(self.until)
        return TrailFilter(
            agencies=tuple(agencies),
            strangers=tuple(strangers),
            actor=self.actor or None,
            object=self.object or None,
            action=self.action or None,
            since=_midnight(_day(self.since)),
            until=None if last is None else _midnight(last + timedelta(days=1)),
        )


def trail_pages(database: Database, clock: Clock) -> list[Page]:
    def search(user: User, asked: Asked, limit: int, before: int | None) -> Sequence[TrailLine]:
        with database.reading() as unit:
            strangers = [one.name for one in unit.users.list() if not user.agencies.intersection(one.agencies)]
            return unit.trail.search(asked.filter(sorted(user.agencies), strangers), limit, before)

    def show(user: User) -> ResponseReturnValue:
        asked = Asked.of_request()
        faults = asked.faults()
        if faults:
            return page(asked, faults, [], None, 422)
        before = request.args.get("voor", "")
        lines = search(user, asked, PAGE + 1, int(before) if before.isdecimal() and len(before) < 19 else None)
        following = lines[PAGE - 1].number if len(lines) > PAGE else None
        return page(asked, {}, lines[:PAGE], following, 200)

    def download(user: User) -> ResponseReturnValue:
        asked = Asked.of_request()
        faults = asked.faults()
        lines = [] if faults else search(user, asked, MOST_IN_A_FILE + 1, None)
        if len(lines) > MOST_IN_A_FILE:
            faults = {"van": gettext("Dit zijn te veel regels voor een bestand. Kies een kortere periode.")}
        if faults:
            return page(asked, faults, [], None, 422)
        response = Response(as_csv(lines), mimetype="text/csv")
        name = f"inzagelogboek-{clock.now().astimezone(AMSTERDAM):%Y-%m-%d}.csv"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return response

    def page(
        asked: Asked, faults: dict[str, str], lines: Sequence[TrailLine], following: int | None, status: int
    ) -> Response:
        actions = sorted(((name, gettext(action.words)) for name, action in ACTIONS.items()), key=lambda pair: pair[1])
        shown = render_template(
            "console/trail.html",
            asked=asked,
            faults=faults,
            lines=lines,
            following=following,
            actions=actions,
            known=ACTIONS,
            parameters=PARAMETERS,
            words_of=words_of,
            result_words=result_words,
            role_words=role_words,
            older="voor" in request.args,
        )
        return make_response(shown, status)

    return [
        Page("/inzage", "trail", show, Permission.SEE_TRAIL, menu=N_("Inzagelogboek")),
        Page("/inzage/bestand", "trail_file", download, Permission.SEE_TRAIL),
    ]


def as_csv(lines: Sequence[TrailLine]) -> str:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(HEADER)
    for line in lines:
        row = line.row
        texts = (row.actor, row.role, row.action, words_of(row.action), row.object, row.agency or "")
        at = row.at.isoformat(timespec="seconds")
        writer.writerow([at, *map(plain_cell, texts), row.result, plain_cell(row.origin)])
    return sink.getvalue()


def _day(text: str) -> calendar_date | None:
    """None for what is no day from 1900 to 9998."""
    try:
        day = calendar_date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year < 9999 else None


def _midnight(day: calendar_date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), AMSTERDAM)
