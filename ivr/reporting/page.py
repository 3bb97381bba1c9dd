"""The evaluation as one page that can be opened from disk: no script, nothing from elsewhere, tables beside charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import NullTranslations

from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined

from config.policy import AgencyPolicy, Words
from ivr.reporting.evaluation import AgencyPart, Evaluation, Sheet
from ivr.reporting.history import OTHER_CHANNEL, PHONE
from ivr.reporting.measures import OWN_WORDS, WITH_DETAIL, Measure, Row
from ivr.reporting.period import AMSTERDAM, Month, Period
from ivr.reporting.suppression import THRESHOLD, Figure, Hidden
from ivr.reporting.words import (
    GROUPS,
    MEASURE_WORDS,
    MISUSE_WORDS,
    OTHER_CHANNEL_TEXT,
    OWN_WORDS_TEXT,
    PHONE_TEXT,
    measures_below,
)
from speech.charts import Bar, columns, lying_bars

M = Measure
OUTCOMES = (M.CONFIRMED, M.DECLINED, M.UNCONFIRMED, M.REFUSED, M.UNANSWERED)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table as it is read; `depth` counts the rows that it is a part of."""

    name: str
    depth: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A table; without lines where nothing of it occurred."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Its numbers stand in the tables; the SVG has its texts escaped."""

    title: str
    svg: str


def render_page(
    evaluation: Evaluation,
    policies: Mapping[str, AgencyPolicy],
    translations: Mapping[str, NullTranslations],
    language: str,
    made_at: datetime,
) -> str:
    """A whole HTML document. `policies` has the profile of each agency, whose words name the codes."""
    return _Page(evaluation, policies, translations[language], language).render(made_at)


class _Page:
    def __init__(
        self, evaluation: Evaluation, policies: Mapping[str, AgencyPolicy], catalog: NullTranslations, language: str
    ) -> None:
        self._evaluation = evaluation
        self._policies = policies
        self.gettext = catalog.gettext
        self._language = language
        env = Environment(
            loader=PackageLoader("ivr.reporting"),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
        )
        env.policies["ext.i18n.trimmed"] = True
        env.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
        env.filters |= {"words": self._words, "in_words": self._in_words, "day": self._day, "month": self._month}
        self._env = env

    def render(self, made_at: datetime) -> str:
        template = self._env.get_template("evaluation.html")
        return template.render(
            language=self._language,
            period=self._evaluation.period,
            whole_year=_is_whole_year(self._evaluation.period),
            parts=self._evaluation.agencies,
            policies=self._policies,
            made_on=format_datetime(made_at.astimezone(AMSTERDAM), "d MMMM y", locale=self._language),
            threshold=THRESHOLD,
            M=Measure,
            Hidden=Hidden,
            PHONE=PHONE,
            channel_name=self._channel_name,
            groups=self._groups,
            charts=self._charts,
        )

    # ------------------------------------------------------------ names

    def _words(self, texts: Words) -> str:
        """A profile's text; its first language where it has none in the page's."""
        return texts.get(self._language) or next(iter(texts.values()))

    def _channel_name(self, part: AgencyPart, sheet: Sheet) -> str:
        if sheet.channel in (PHONE, OTHER_CHANNEL):
            return self.gettext(PHONE_TEXT if sheet.channel == PHONE else OTHER_CHANNEL_TEXT)
        channel = self._policies[part.agency].find_channel(sheet.channel)
        return sheet.channel if channel is None else self._words(channel.name)

    def _name(self, measure: Measure) -> str:
        return self.gettext(MEASURE_WORDS[measure])

    def _row_name(self, policy: AgencyPolicy, row: Row) -> str:
        name = self._name(row.measure)
        return f"{name}: {self._detail_name(policy, row)}" if row.measure in WITH_DETAIL else name

    def _detail_name(self, policy: AgencyPolicy, row: Row) -> str:
        """A code that the profile does not have any more stands for itself."""
        if row.measure is M.MISUSE_SORT and row.detail in MISUSE_WORDS:
            return self.gettext(MISUSE_WORDS[row.detail])
        if row.measure is M.REFUSED_REASON and row.detail == OWN_WORDS:
            return self.gettext(OWN_WORDS_TEXT)
        find = {M.REFUSED_REASON: policy.find_reason, M.REFUSED_KIND: policy.find_kind}
        found = find.get(row.measure, policy.find_alternative)(row.detail)
        return row.detail if found is None else self._words(found.text)

    def _in_words(self, figure: Figure) -> str:
        if figure is Hidden.FEW:
            return self.gettext("minder dan %(count)s") % {"count": THRESHOLD}
        return self.gettext("een aantal") if figure is Hidden.SOME else str(figure)

    def _day(self, day: date) -> str:
        return format_date(day, "d MMMM y", locale=self._language)

    def _month(self, month: Month) -> str:
        return format_date(month.first_day, "LLL y", locale=self._language)

    # ------------------------------------------------------------ tables and charts

    def _groups(self, part: AgencyPart, sheet: Sheet) -> Sequence[Group]:
        """All of the phone; of other channels those in which something occurred."""
        policy = self._policies[part.agency]
        found = [Group(self.gettext(title), self._lines(policy, sheet, measures)) for title, measures in GROUPS]
        return [group for group in found if group.lines or sheet.channel == PHONE]

    def _lines(self, policy: AgencyPolicy, sheet: Sheet, tops: Sequence[Measure]) -> tuple[Line, ...]:
        found = [
            Line(self._row_name(policy, row), depth, figures)
            for top in tops
            for measure, depth in measures_below(top)
            for row, figures in sheet.figures.items()
            if row.measure is measure
        ]
        return tuple(found) if any(line.figures[-1] != 0 for line in found) else ()

    def _charts(self, part: AgencyPart, sheet: Sheet) -> Sequence[Chart]:
        """Drawn from what the tables show: a hidden number has no bar."""
        if sheet.total(M.REQUESTS) == 0:
            return []
        policy = self._policies[part.agency]
        outcomes = [(self._name(one), sheet.total(one)) for one in OUTCOMES if Row(one) in sheet.figures]
        reasons = [
            (self._detail_name(policy, Row(measure, detail)), figure)
            for measure in (M.REFUSED_REASON, M.REFUSED_KIND)
            for detail, figure in sheet.totals_by_detail(measure).items()
        ]
        drawn = [self._by_month(sheet), self._by_name(self.gettext("Hoe verzoeken afliepen"), outcomes)]
        return [*drawn, self._by_name(self.gettext("Redenen van weigering"), reasons)] if reasons else drawn

    def _by_month(self, sheet: Sheet) -> Chart:
        title = self.gettext("Verzoeken per maand")
        total = self._in_words(sheet.total(M.REQUESTS))
        one_year = sheet.months[0].year == sheet.months[-1].year
        names = [
            format_date(month.first_day, "LLL" if one_year else "LLL yy", locale=self._language)
            for month in sheet.months
        ]
        drawn = columns(
            list(map(_bar, names, sheet.figures[Row(M.REQUESTS)])),
            x_title=self.gettext("maand"),
            y_title=self.gettext("verzoeken"),
            title=title,
            summary=self.gettext("In de hele periode: %(count)s.") % {"count": total},
        )
        return Chart(title, drawn)

    def _by_name(self, title: str, figures: Sequence[tuple[str, Figure]]) -> Chart:
        summary = "; ".join(f"{name}: {self._in_words(figure)}" for name, figure in figures)
        return Chart(title, lying_bars([_bar(name, figure) for name, figure in figures], title, summary))


def _bar(name: str, figure: Figure) -> Bar:
    return Bar(name, str(figure), None if isinstance(figure, Hidden) else figure)


def _is_whole_year(period: Period) -> bool:
    first, last = period.first, period.last
    return first.year == last.year and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
