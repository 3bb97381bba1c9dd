"""`/console/evaluatie`: the evaluation of a period, as a document to read or print, and as a table of figures."""

import base64
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from gettext import NullTranslations

from flask import Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from ivr.calls.agencies import Agencies
from ivr.ports import Clock
from ivr.reporting.evaluation import Evaluation
from ivr.reporting.page import render_page
from ivr.reporting.period import AMSTERDAM, LONGEST_MONTHS, Period, PeriodError, parse_period
from ivr.reporting.service import EvaluationService
from ivr.reporting.table_file import write_csv
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.evidence import whole_evidence
from ivr.web.language import N_, gettext, language, words
from ivr.web.scope import concerns

ALL = "alle"
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in, and what is wrong with it: field to sentence."""

    agency: str
    first: str
    last: str
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Agencies and a period that can be evaluated."""

    slugs: Sequence[str]
    period: Period

    @property
    def file_name(self) -> str:
        who = self.slugs[0] if len(self.slugs) == 1 else ALL
        return f"evaluatie-{who}-{self.period.first}-{self.period.last}.csv"


@dataclass(frozen=True, slots=True)
class EvaluationPages:
    evaluations: EvaluationService
    agencies: Agencies
    translations: Mapping[str, NullTranslations]
    clock: Clock

    def show(self, user: User) -> ResponseReturnValue:
        mine = self._mine(user)
        first, last = last_year(self.clock.now().astimezone(AMSTERDAM).date())
        return self._form(user, Asked(mine[0] if len(mine) == 1 else "", first, last))

    def report(self, user: User) -> ResponseReturnValue:
        """A document of its own, that can be kept and printed: its style is in it, and allowed by its digest."""
        chosen = self._chosen(user)
        if isinstance(chosen, Asked):
            return self._form(user, chosen, 422)
        policies = self.agencies.policies.by_slug
        page = render_page(self._evaluate(chosen), policies, self.translations, language(), self.clock.now())
        response = make_response(page)
        response.headers["Content-Security-Policy"] = style_policy(page)
        return response

    def table(self, user: User) -> ResponseReturnValue:
        chosen = self._chosen(user)
        if isinstance(chosen, Asked):
            return self._form(user, chosen, 422)
        sink = io.StringIO(newline="")
        write_csv(self._evaluate(chosen), sink)
        response = Response(sink.getvalue(), mimetype="text/csv")
        response.headers.set("Content-Disposition", "attachment", filename=chosen.file_name)
        return response

    def _evaluate(self, chosen: Chosen) -> Evaluation:
        with whole_evidence():
            return self.evaluations.evaluate(chosen.slugs, chosen.period)

    def _mine(self, user: User) -> list[str]:
        return sorted(user.agencies & self.agencies.policies.by_slug.keys())

    def _chosen(self, user: User) -> Chosen | Asked:
        """An agency that is not one of the user's is answered like one that does not exist."""
        mine = self._mine(user)
        agency, first, last = (request.args.get(name, "")[:40] for name in ("organisatie", "van", "tot"))
        slugs = mine if agency == ALL else [slug for slug in mine if slug == agency]
        faults = {} if slugs else {"organisatie": gettext("Kies een organisatie.")}
        period = find_period(first, last)
        if isinstance(period, Period) and slugs:
            if len(slugs) == 1:
                concerns(slugs[0])
            return Chosen(slugs, period)
        if not isinstance(period, Period):
            faults |= period
        return Asked(agency, first, last, faults)

    def _form(self, user: User, asked: Asked, status: int = 200) -> Response:
        mine = self._mine(user)
        choices = [(slug, words(self.agencies.now(slug).name)) for slug in mine]
        if len(mine) > 1:
            choices.append((ALL, gettext("al mijn organisaties")))
        return make_response(render_template("console/evaluation.html", asked=asked, choices=choices), status)


def find_period(first: str, last: str) -> Period | dict[str, str]:
    """Or what is wrong with which field."""
    faults = {name: gettext("Vul een maand in, zoals 2026-03.") for name, text in (("van", first), ("tot", last))
              if not _is_day_or_month(text)}  # fmt: skip
    if faults:
        return faults
    try:
        return parse_period(first, last)
    except PeriodError:
        if parse_period(first, first).first > parse_period(last, last).last:
            return {"tot": gettext("De laatste maand ligt voor de eerste maand.")}
        return {"tot": gettext("Een periode heeft hooguit %(most)s maanden.", most=LONGEST_MONTHS)}


def _is_day_or_month(text: str) -> bool:
    try:
        parse_period(text, text)
    except PeriodError:
        return False
    return True


def last_year(today: date) -> tuple[str, str]:
    """The twelve months before this one, as they are filled in."""
    last = today.replace(day=1) - timedelta(days=1)
    first = date(last.year - 1, last.month + 1, 1) if last.month < 12 else date(last.year, 1, 1)
    return f"{first:%Y-%m}", f"{last:%Y-%m}"


def style_policy(page: str) -> str:
    """CSP level 3: nothing but the styles that stand in this very page."""
    digests = (hashlib.sha256(style.encode()).digest() for style in STYLE.findall(page))
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return f"default-src 'none'; style-src {allowed}; base-uri 'none'; frame-ancestors 'none'"


def evaluation_pages(
    evaluations: EvaluationService, agencies: Agencies, translations: Mapping[str, NullTranslations], clock: Clock
) -> list[Page]:
    pages = EvaluationPages(evaluations, agencies, translations, clock)
    may = Permission.SEE_EVALUATION
    return [
        Page("/evaluatie", "evaluation", pages.show, may, menu=N_("Evaluatie")),
        Page("/evaluatie/verslag", "evaluation_report", pages.report, may),
        Page("/evaluatie/cijfers.csv", "evaluation_table", pages.table, may),
    ]
