"""PURE. An evaluation as tables for a terminal, as JSON values, and as one accessible HTML page without scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from speech import scoring
from speech.charts import bins_of, error_curve, histogram, matrix
from speech.intent import Expecting, Label
from speech.scoring import Outcome, Share

WRONG_AT_MOST = 50

_LATENCY_BIN_MS = 100
_DUTCH = frozenset({"text", "heard", "evidence"})
_STYLE = """
:root { color-scheme: light dark; --ink: #1a2733; --ground: #fff; --soft: #c3cfda; --blue: #0b5394; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --ground: #10181f; --soft: #34475a; --blue: #8fc3f3; }
}
body { margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--ink); background: var(--ground);
  font: 1rem/1.5 system-ui, sans-serif; }
.scroll { overflow-x: auto; margin-block: 1rem 2rem; }
.scroll:focus-visible { outline: 3px solid var(--blue); }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding-block: 0.5rem; }
th, td { border: 1px solid var(--soft); padding: 0.25rem 0.75rem; text-align: left; vertical-align: top; }
svg { display: block; width: 100%; max-width: 40rem; height: auto; }
svg text { fill: var(--ink); font-size: 12px; }
.line, .frame { fill: none; stroke: var(--ink); stroke-width: 1; }
.line { stroke: var(--blue); stroke-width: 2.5; }
.grid { stroke: var(--soft); stroke-width: 0.5; }
.bar, .cell, .mark { fill: var(--blue); }
"""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`outcomes` of one corpus; `engine` is None for text, `expecting` where each row had its own state or none."""

    source: str
    engine: str | None
    expecting: Expecting | None
    outcomes: tuple[Outcome, ...]

    @property
    def is_audio(self) -> bool:
        return self.engine is not None

    @property
    def wrong(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.is_right]


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def as_text(found: Evaluation) -> str:
    """The tables below each other, columns aligned."""
    tables = [_summary(found), _labels(found), *_traits(found), _confusion(found), _wrong(found)]
    return "\n\n".join(_aligned(table) for table in tables if table.rows)


def _aligned(table: Table) -> str:
    lines = [table.columns, *table.rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join([f"{table.title}:", *(f"  {line}".rstrip() for line in padded)])


def as_json(found: Evaluation) -> dict[str, object]:
    """One object; shares are 0..1, lengths seconds, null is a figure of nothing. Audio has more members than text."""
    outcomes, alarms = found.outcomes, scoring.count_false_alarms(found.outcomes)
    labels = _by_label(outcomes)
    told: dict[str, object] = {
        "source": found.source,
        "engine": found.engine,
        "state": found.expecting,
        "rows": len(outcomes),
        "labels": {
            label: _share(share) | {"precision": _rounded(scoring.precision_of(outcomes, Label(label)).value)}
            for label, share in labels.items()
        },
        "request_by": {
            trait: {value: _share(share) for value, share in shares.items()}
            for trait, shares in _requests_by_trait(outcomes).items()
        },
        "confusion": {
            expected: {got: count for (row, got), count in scoring.confusion(outcomes).items() if row.value == expected}
            for expected in labels
        },
        "false_yes": scoring.count_false_yes(outcomes),
        "false_alarms": {
            "alarms": alarms.alarms,
            "utterances": alarms.utterances,
            "per_100_utterances": _rounded(alarms.per_100),
        },
        "trade_off": [
            {"threshold": point.threshold, "missed": _rounded(point.missed), "alarmed": _rounded(point.alarmed)}
            for point in scoring.trade_off(outcomes)
        ],
        "wrong_rows": len(found.wrong),
        "wrong": [
            {
                "line": outcome.line,
                "text": outcome.text,
                "expected": outcome.expected,
                "got": outcome.got,
                "evidence": list(outcome.evidence),
            }
            | ({"heard": outcome.hearing.text} if outcome.hearing else {})
            for outcome in found.wrong[:WRONG_AT_MOST]
        ],
    }
    return told | (_audio_figures(found) if found.is_audio else {})


def _audio_figures(found: Evaluation) -> dict[str, object]:
    alarms, waits = scoring.count_false_alarms(found.outcomes), scoring.latencies(found.outcomes)
    return {
        "audio_s": _rounded(sum(outcome.hearing.audio_s for outcome in found.outcomes if outcome.hearing)),
        "negative_hours": _rounded(alarms.hours),
        "false_alarms_per_hour": _rounded(alarms.per_hour),
        "latency_s": {
            "intents": len(waits),
            "p50": _rounded(scoring.percentile(waits, 50)),
            "p95": _rounded(scoring.percentile(waits, 95)),
        },
        "cpu_s_per_audio_s": _rounded(scoring.cpu_per_audio_s(found.outcomes)),
        "word_error_rate": _rounded(scoring.word_error_rate(found.outcomes)),
    }


def as_html(found: Evaluation) -> str:
    """A whole page: no script, no style sheet, no picture from elsewhere; every chart with its numbers in a table."""
    parts = [_html_table(_summary(found)), _html_table(_labels(found)), *map(_html_table, _traits(found))]
    parts += [*_trade_off_section(found), *_latency_section(found), *_confusion_section(found)]
    if found.wrong:
        parts += ["<h2>Rows understood otherwise</h2>", _html_table(_wrong(found))]
    title = escape(f"Evaluation of {found.source}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        + "\n".join(parts)
        + "\n</main>\n</body>\n</html>\n"
    )


def _trade_off_section(found: Evaluation) -> list[str]:
    points = scoring.trade_off(found.outcomes)
    if not points:
        return []
    table = Table(
        "Trade-off by confidence threshold",
        ("threshold", "requests missed", "none taken for request"),
        [(f"{point.threshold:.2f}", _percent(point.missed), _percent(point.alarmed)) for point in points],
    )
    drawn = error_curve(
        [(point.alarmed, point.missed) for point in points],
        x_title="none taken for request (0.1 % and less at the edge)",
        y_title="requests missed",
        title="Detection-error trade-off",
        summary=f"Without a threshold {_percent(points[0].missed)} of the requests is missed "
        f"and {_percent(points[0].alarmed)} of the other rows taken for one.",
    )
    return ["<h2>Detection-error trade-off for request</h2>", drawn, _html_table(table)]


def _latency_section(found: Evaluation) -> list[str]:
    waits_ms = [1000 * wait_s for wait_s in scoring.latencies(found.outcomes)]
    if not waits_ms:
        return []
    bins = bins_of(waits_ms, _LATENCY_BIN_MS)
    table = Table(
        "Intents by latency",
        ("from (ms)", "to (ms)", "intents"),
        [(f"{bin_.start:.0f}", f"{bin_.end:.0f}", str(bin_.count)) for bin_ in bins],
    )
    drawn = histogram(
        bins,
        x_title="end of the words to intent (ms)",
        y_title="intents",
        title="Latency histogram",
        summary=f"Half within {_figure(scoring.percentile(waits_ms, 50), 0)} ms, "
        f"19 of 20 within {_figure(scoring.percentile(waits_ms, 95), 0)} ms.",
    )
    return ["<h2>Latency</h2>", drawn, _html_table(table)]


def _confusion_section(found: Evaluation) -> list[str]:
    right = Share(len(found.outcomes) - len(found.wrong), len(found.outcomes))
    drawn = matrix(
        [label.value for label in Label],
        {(expected.value, got.value): count for (expected, got), count in scoring.confusion(found.outcomes).items()},
        x_title="understood as",
        y_title="label",
        title="Confusion matrix",
        summary=f"{right.right} of {right.total} rows lie on the diagonal.",
    )
    return ["<h2>Confusion</h2>", drawn, _html_table(_confusion(found))]


def _html_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "\n".join(f"<tr>{_html_cells(table.columns, row)}</tr>" for row in table.rows)
    title = escape(table.title)
    return (
        f'<div class="scroll" role="region" aria-label="{title}" tabindex="0"><table><caption>{title}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _html_cells(columns: Sequence[str], row: Sequence[str]) -> str:
    first, *rest = row
    cells = [f'<th scope="row">{escape(first)}</th>']
    for column, cell in zip(columns[1:], rest, strict=True):
        spoken = ' lang="nl"' if column in _DUTCH else ""
        cells.append(f"<td{spoken}>{escape(cell)}</td>")
    return "".join(cells)


def _summary(found: Evaluation) -> Table:
    outcomes, alarms = found.outcomes, scoring.count_false_alarms(found.outcomes)
    rows = [
        ("engine", found.engine or "none: text"),
        ("state", found.expecting or ("of each label" if found.is_audio else "none")),
        ("rows", str(len(outcomes))),
        ("understood right", _share_text(Share(len(outcomes) - len(found.wrong), len(outcomes)))),
        ("false alarms per 100 none rows", f"{_figure(alarms.per_100, 2)} ({alarms.alarms} in {alarms.utterances})"),
        ("no, unclear or none taken for yes", str(scoring.count_false_yes(outcomes))),
    ]
    if found.is_audio:
        waits = scoring.latencies(outcomes)
        rows += [
            ("false alarms per hour of none rows", f"{_figure(alarms.per_hour, 2)} ({alarms.hours:.3f} h)"),
            ("end of words to intent, p50", f"{_figure(scoring.percentile(waits, 50), 2)} s"),
            ("end of words to intent, p95", f"{_figure(scoring.percentile(waits, 95), 2)} s"),
            ("CPU per second of audio", f"{_figure(scoring.cpu_per_audio_s(outcomes), 3)} s"),
            ("word error rate", _percent(scoring.word_error_rate(outcomes))),
        ]
    return Table("Summary", ("figure", "value"), rows)


def _labels(found: Evaluation) -> Table:
    rows = [
        (
            label,
            str(share.total),
            _percent(share.value),
            _percent(scoring.precision_of(found.outcomes, Label(label)).value),
        )
        for label, share in _by_label(found.outcomes).items()
    ]
    return Table("By label", ("label", "rows", "recall", "precision"), rows)


def _traits(found: Evaluation) -> list[Table]:
    return [
        Table(
            f"Recall of request by {trait}",
            (trait, "rows", "recall"),
            [(value or "(none)", str(share.total), _percent(share.value)) for value, share in shares.items()],
        )
        for trait, shares in _requests_by_trait(found.outcomes).items()
    ]


def _confusion(found: Evaluation) -> Table:
    counts = scoring.confusion(found.outcomes)
    rows = [
        (expected.value, *(str(counts[expected, got]) for got in Label))
        for expected in Label
        if any(counts[expected, got] for got in Label)
    ]
    return Table("Rows by label, and what they were understood as", ("label", *(got.value for got in Label)), rows)


def _wrong(found: Evaluation) -> Table:
    shown = found.wrong[:WRONG_AT_MOST]
    columns: list[tuple[str, Callable[[Outcome], str]]] = [
        ("line", lambda outcome: str(outcome.line)),
        ("expected", lambda outcome: outcome.expected),
        ("got", lambda outcome: outcome.got),
        ("text", lambda outcome: outcome.text),
        ("evidence", lambda outcome: "; ".join(outcome.evidence)),
    ]
    if found.is_audio:
        columns.insert(4, ("heard", lambda outcome: outcome.hearing.text if outcome.hearing else ""))
    return Table(
        f"Wrong: {len(shown)} of {len(found.wrong)} shown",
        tuple(name for name, _ in columns),
        [tuple(value(outcome) for _, value in columns) for outcome in shown],
    )


def _by_label(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Recall of the labels that the corpus has, in their own order."""
    shares = scoring.recall_by(outcomes, lambda outcome: outcome.expected.value)
    return {label.value: shares[label.value] for label in Label if label.value in shares}


def _requests_by_trait(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Share]]:
    requests = [outcome for outcome in outcomes if outcome.expected is Label.REQUEST]
    traits = list(requests[0].traits) if requests else []
    return {trait: _by_trait(requests, trait) for trait in traits}


def _by_trait(outcomes: Sequence[Outcome], trait: str) -> dict[str, Share]:
    return scoring.recall_by(outcomes, lambda outcome: outcome.traits[trait])


def _share(share: Share) -> dict[str, object]:
    return {"rows": share.total, "right": share.right, "recall": _rounded(share.value)}


def _share_text(share: Share) -> str:
    return f"{_percent(share.value)} ({share.right} of {share.total})"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
