"""PURE. A comparison as a picture (SVG): the agency's recording above, the copy below, what they share joined between.

Every difference has a number, a shape and a name besides its colour, and the table beside the picture says the same.
There is no script and no style in it; on a page it takes the page's own colour for text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

from speech.comparison.report import LOUDEST, Damage, Report, Side, between
from speech.comparison.result import Edit, EditKind, Stretch, Verdict
from speech.svg import text_at

WIDTH = 960
LEFT, RIGHT = 16.0, 944.0
AGENCY, COPY = 96.0, 264.0
"""The middle of each lane."""

HALF = 34.0
ABOVE, BELOW = AGENCY + HALF, COPY - HALF
TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
MOST_TICKS = 10
NARROWEST = 4.0
"""Of a difference, so that one of half a second in an hour is seen."""

ROOM = 18.0
"""Between two numbers; where there is less, the later one is in the table only."""

LEGEND = 28.0
LETTER = 7.6
BOX = 'width="24" height="16"'

# each at least 3:1 on white and on the dark pages, and told apart by people who see no red or green
SHARED, WAVE = "#2f7fd1", "#7d8894"
COLOURS = {EditKind.CUT: "#d9480f", EditKind.INSERT: "#8a63d2", EditKind.REPLACE: "#a86a12"}
GROUND, INK = "#ffffff", "#1b1f24"


@dataclass(frozen=True, slots=True)
class Words:
    """What the picture says, in its reader's language. `title` and `summary` are for a screen reader as well."""

    title: str
    summary: str
    agency: str
    copy: str
    shared: str
    damaged: str
    kinds: dict[EditKind, str]


ENGLISH = {
    EditKind.CUT: "missing in the copy",
    EditKind.INSERT: "only in the copy",
    EditKind.REPLACE: "different in the copy",
}


def words_in_english(report: Report) -> Words:
    edits = report.comparison.edits
    listed = "; ".join(
        f"{number}: {ENGLISH[edit.kind]}, recording {between(edit.agency_start_s, edit.agency_end_s)}, "
        f"copy {between(edit.copy_start_s, edit.copy_end_s)}"
        for number, edit in enumerate(edits, start=1)
    )
    return Words(
        title=f"The agency's recording and the copy: {report.comparison.verdict}",
        summary=listed or "No differences.",
        agency="The agency's recording",
        copy="The copy",
        shared="the same in both",
        damaged="damaged in the file",
        kinds=ENGLISH,
    )


def draw(report: Report, words: Words, *, alone: bool) -> str:
    """`alone`: as a file, with a ground of its own that is readable on light and dark screens."""
    found = report.comparison
    scale = _Scale(max(found.agency_s, found.copy_s, 0.1))
    shared = () if found.verdict is Verdict.UNRELATED else found.stretches
    body = [
        _ticks(scale),
        text_at(LEFT, AGENCY - HALF - 10, words.agency, "start"),
        text_at(LEFT, COPY + HALF + 20, words.copy, "start"),
        *(_joined(stretch, scale) for stretch in shared),
        _lane(report.agency, found.agency_s, AGENCY, scale),
        _lane(report.copy, found.copy_s, COPY, scale),
        *(_difference(edit, scale) for edit in found.edits),
        *_numbers(found.edits, scale),
        *(_damage(one, AGENCY + HALF + 4, scale) for one in report.agency.damaged),
        *(_damage(one, COPY - HALF - 4, scale) for one in report.copy.damaged),
    ]
    legend, height = _legend(report, words, bool(shared))
    ground = f'<rect width="{WIDTH}" height="{height:g}" fill="{GROUND}"/>' if alone else ""
    about = f"<title>{escape(words.title)}</title><desc>{escape(words.summary)}</desc>"
    ink = f' color="{INK}"' if alone else ""
    label = escape(f"{words.title}. {words.summary}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}"'
        f' role="img" aria-label="{label}" font-family="sans-serif" font-size="15"'
        f' fill="currentColor"{ink}>'
        f"{about}{_patterns()}{ground}{''.join(body)}{legend}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Both lanes have one scale, so that the same length is the same time."""

    longest_s: float

    def x(self, seconds: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(max(seconds / self.longest_s, 0), 1)

    def span(self, start_s: float, end_s: float) -> tuple[float, float]:
        """Left and width, never too narrow to be seen."""
        left, right = self.x(start_s), self.x(end_s)
        lacks = max(0, NARROWEST - (right - left)) / 2
        return left - lacks, right - left + 2 * lacks


def _ticks(scale: _Scale) -> str:
    step = next(
        (step for step in TICKS_S if scale.longest_s / step <= MOST_TICKS), 3600 * ceil(scale.longest_s / 36000)
    )
    drawn = ""
    for count in range(int(scale.longest_s / step) + 1):
        x, at = scale.x(count * step), count * step
        name = (
            f"{at // 3600}:{at // 60 % 60:02}:{at % 60:02}" if scale.longest_s >= 3600 else f"{at // 60}:{at % 60:02}"
        )
        anchor = "start" if count == 0 else "end" if x > RIGHT - 24 else "middle"
        drawn += f'<path d="M{x:.1f} 30V{COPY + HALF:g}" stroke="{WAVE}" stroke-opacity=".35"/>'
        drawn += text_at(x, 22, name, anchor)
    return drawn


def _lane(side: Side, seconds: float, middle: float, scale: _Scale) -> str:
    """The outline, there above the middle and back below it."""
    if not side.outline:
        return ""
    step = (scale.x(seconds) - LEFT) / len(side.outline)
    heights = [max(1.0, HALF * min(max(level / LOUDEST, 0), 1)) for level in side.outline]
    there = "".join(f"V{middle - height:.0f}h{step:.2f}" for height in heights)
    back = "".join(f"V{middle + height:.0f}h-{step:.2f}" for height in reversed(heights))
    return f'<path fill="{WAVE}" d="M{LEFT:g} {middle:g}{there}{back}z"/>'


def _joined(stretch: Stretch, scale: _Scale) -> str:
    left, right = scale.x(stretch.agency_start_s), scale.x(stretch.agency_end_s)
    start, end = scale.x(stretch.copy_start_s), scale.x(stretch.copy_end_s)
    top, bottom = AGENCY - HALF, COPY + HALF
    return (
        f'<path fill="{SHARED}" fill-opacity=".16" stroke="{SHARED}" stroke-opacity=".7" d="M{left:.1f} {top:g}'
        f'V{ABOVE:g}L{start:.1f} {BELOW:g}V{bottom:g}H{end:.1f}V{BELOW:g}L{right:.1f} {ABOVE:g}V{top:g}z"/>'
    )


def _difference(edit: Edit, scale: _Scale) -> str:
    """A wedge where one of the two has nothing, else a band from lane to lane."""
    left, width = scale.span(edit.agency_start_s, edit.agency_end_s)
    start, reach = scale.span(edit.copy_start_s, edit.copy_end_s)
    if edit.kind is EditKind.CUT:
        start, reach = scale.x(edit.copy_start_s), 0
    if edit.kind is EditKind.INSERT:
        left, width = scale.x(edit.agency_start_s), 0
    outline = ""
    if edit.kind is not EditKind.INSERT:
        outline += f"M{left:.1f} {AGENCY - HALF:g}V{ABOVE:g}H{left + width:.1f}V{AGENCY - HALF:g}z"
    if edit.kind is not EditKind.CUT:
        outline += f"M{start:.1f} {BELOW:g}V{COPY + HALF:g}H{start + reach:.1f}V{BELOW:g}z"
    outline += f"M{left:.1f} {ABOVE:g}L{start:.1f} {BELOW:g}H{start + reach:.1f}L{left + width:.1f} {ABOVE:g}z"
    colour = COLOURS[edit.kind]
    return f'<path fill="url(#compared-{edit.kind})" stroke="{colour}" stroke-width="1.5" d="{outline}"/>'


def _numbers(edits: Sequence[Edit], scale: _Scale) -> list[str]:
    drawn, free_from = [], 0.0
    for number, edit in enumerate(edits, start=1):
        upper = (edit.agency_start_s + edit.agency_end_s) / 2, (edit.copy_start_s + edit.copy_end_s) / 2
        x = (scale.x(upper[0]) + scale.x(upper[1])) / 2
        if x >= free_from:
            drawn.append(_mark(edit.kind, x, (ABOVE + BELOW) / 2, str(number)))
            free_from = x + ROOM
    return drawn


def _mark(kind: EditKind, x: float, y: float, text: str) -> str:
    """A triangle for what is missing, a circle for what came in, a square for what is different."""
    shapes = {
        EditKind.CUT: f'<path d="M{x - 15:.1f} {y - 12:.1f}h30l-15 26z"',
        EditKind.INSERT: f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13"',
        EditKind.REPLACE: f'<rect x="{x - 12:.1f}" y="{y - 12:.1f}" width="24" height="24"',
    }
    shape = f'{shapes[kind]} fill="{GROUND}" stroke="{COLOURS[kind]}" stroke-width="2"/>'
    lift = 0 if kind is EditKind.CUT else 5
    return f'{shape}<text x="{x:.1f}" y="{y + lift:.1f}" text-anchor="middle" font-size="13" fill="{INK}">{text}</text>'


def _damage(one: Damage, y: float, scale: _Scale) -> str:
    left, width = scale.span(one.start_s, one.end_s)
    return f'<path d="M{left:.1f} {y:g}h{width:.1f}" stroke="currentColor" stroke-width="4" stroke-dasharray="2 2"/>'


def _patterns() -> str:
    """Lines for what is missing, dots for what came in, squares for what is different."""
    marks = {
        EditKind.CUT: '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke-width="2" stroke="{0}"/>',
        EditKind.INSERT: '<circle cx="4" cy="4" r="2" fill="{0}"/>',
        EditKind.REPLACE: '<path d="M0 0h4v4h-4zM4 4h4v4h-4z" fill="{0}"/>',
    }
    drawn = "".join(
        f'<pattern id="compared-{kind}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{COLOURS[kind]}" fill-opacity=".25"/>{mark.format(COLOURS[kind])}</pattern>'
        for kind, mark in marks.items()
    )
    return f"<defs>{drawn}</defs>"


def _legend(report: Report, words: Words, has_shared: bool) -> tuple[str, float]:
    """Only what the picture shows; and where it ends."""
    entries: list[tuple[str, str]] = []
    if has_shared:
        entries.append((f'<rect {BOX} fill="{SHARED}" fill-opacity=".16" stroke="{SHARED}"', words.shared))
    for kind in EditKind:
        if any(edit.kind is kind for edit in report.comparison.edits):
            box = f'<rect {BOX} fill="url(#compared-{kind})" stroke="{COLOURS[kind]}"'
            entries.append((box, words.kinds[kind]))
    if report.agency.damaged or report.copy.damaged:
        line = '<path d="M0 8h24" stroke="currentColor" stroke-width="4" stroke-dasharray="2 2"'
        entries.append((line, words.damaged))
    x, y, drawn = LEFT, COPY + HALF + 56.0, ""
    for shape, name in entries:
        width = 60 + LETTER * len(name)
        if x + width > RIGHT and x > LEFT:
            x, y = LEFT, y + LEGEND
        drawn += f'{shape} transform="translate({x:.0f} {y - 13:.0f})"/>{text_at(x + 32, y, name, "start")}'
        x += width
    return drawn, y + 18
