"""PURE. Charts as inline SVG; each has a title and a summary for a screen reader, and leaves its numbers to a table.

Colours are the page's, by the classes `line`, `mark`, `bar`, `cell`, `grid` and `frame`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from statistics import NormalDist

from speech.svg import text_at

_WIDTH, _HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 620, 16, 300
_RARE, _COMMON = 0.001, 0.99
_TICKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99)
_BINS_AT_MOST = 25
_CELL = 68
_LYING, _LONGEST, _NAME = 48, 560, 95
_DARKEST = 0.45  # opacity at which the number on a cell keeps a contrast of 4.5, on light and on dark pages


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie from `start` up to, and not at, `end`."""

    start: float
    end: float
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value as it is printed; `length` is None where only the text may be shown."""

    name: str
    text: str
    length: float | None


def bins_of(values: Sequence[float], width: float) -> list[Bin]:
    """Neighbouring bins from the lowest to the highest value, none of nothing; a multiple of `width` where many."""
    if not values:
        return []
    width *= ceil(max((max(values) - min(values)) / width / _BINS_AT_MOST, 1))
    places = [int(value // width) for value in values]
    return [
        Bin(place * width, (place + 1) * width, places.count(place)) for place in range(min(places), max(places) + 1)
    ]


def error_curve(points: Sequence[tuple[float, float]], x_title: str, y_title: str, title: str, summary: str) -> str:
    """Two error rates against each other on normal-deviate scales (NIST's DET plot).

    Rates are 0..1 and are drawn between 0.1 and 99 %: a rate of 0 has no place on such a scale.
    """
    drawn = [(_across(rare), _up(missed)) for rare, missed in points]
    marks = "".join(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in drawn)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
    ticks = "".join(
        f'<line class="grid" x1="{_across(tick):.1f}" y1="{_TOP}" x2="{_across(tick):.1f}" y2="{_BOTTOM}"/>'
        f'<line class="grid" x1="{_LEFT}" y1="{_up(tick):.1f}" x2="{_RIGHT}" y2="{_up(tick):.1f}"/>'
        f"{text_at(_across(tick), _BOTTOM + 20, f'{tick * 100:g} %', 'middle')}"
        f"{text_at(_LEFT - 8, _up(tick) + 4, f'{tick * 100:g} %', 'end')}"
        for tick in _TICKS
    )
    body = f'{ticks}<polyline class="line" points="{path}"/>{marks}{_axes(x_title, y_title)}'
    return _svg(_WIDTH, _HEIGHT, title, summary, body)


def histogram(bins: Sequence[Bin], x_title: str, y_title: str, title: str, summary: str) -> str:
    step = (_RIGHT - _LEFT) / len(bins)
    labelled = max(1, len(bins) // 8)
    body = _columns([Bar("", str(bin_.count) if bin_.count else "", bin_.count) for bin_ in bins])
    for place, bin_ in enumerate(bins):
        if place % labelled == 0:
            body += text_at(_LEFT + place * step, _BOTTOM + 20, f"{bin_.start:g}", "middle")
    return _svg(_WIDTH, _HEIGHT, title, summary, body + _axes(x_title, y_title))


def columns(bars: Sequence[Bar], x_title: str, y_title: str, title: str, summary: str) -> str:
    """Bars side by side, each with its name below it where there is room for all names."""
    step = (_RIGHT - _LEFT) / len(bars)
    labelled = ceil(len(bars) / 12)
    body = _columns(bars)
    for place, bar in enumerate(bars):
        if place % labelled == 0:
            body += text_at(_LEFT + (place + 0.5) * step, _BOTTOM + 20, bar.name, "middle")
    return _svg(_WIDTH, _HEIGHT, title, summary, body + _axes(x_title, y_title))


def lying_bars(bars: Sequence[Bar], title: str, summary: str) -> str:
    """Bars below each other, each under its name, which may be a sentence."""
    longest = _longest(bars)
    body = ""
    for place, bar in enumerate(bars):
        top, length = _TOP + place * _LYING, 0.0 if bar.length is None else _LONGEST * bar.length / longest
        body += text_at(0, top, bar.name if len(bar.name) <= _NAME else f"{bar.name[: _NAME - 1]}…", "start")
        body += f'<rect class="bar" x="0" y="{top + 7:.1f}" width="{length:.1f}" height="18"/>'
        body += text_at(length + 8, top + 21, bar.text, "start")
    return _svg(_WIDTH, _TOP + len(bars) * _LYING, title, summary, body)


def _columns(bars: Sequence[Bar]) -> str:
    step = (_RIGHT - _LEFT) / len(bars)
    longest = _longest(bars)
    body = ""
    for place, bar in enumerate(bars):
        height = 0.0 if bar.length is None else (_BOTTOM - _TOP - 20) * bar.length / longest
        x = _LEFT + place * step
        body += (
            f'<rect class="bar" x="{x + 1:.1f}" y="{_BOTTOM - height:.1f}" '
            f'width="{step - 2:.1f}" height="{height:.1f}"/>'
        )
        if bar.text:
            body += text_at(x + step / 2, _BOTTOM - height - 6, bar.text, "middle")
    return body


def _longest(bars: Sequence[Bar]) -> float:
    return max((bar.length for bar in bars if bar.length), default=1.0)


def matrix(
    names: Sequence[str], counts: Mapping[tuple[str, str], int], x_title: str, y_title: str, title: str, summary: str
) -> str:
    """Squares by (row, column), the darker the larger their share of the row."""
    size = _CELL * len(names)
    body = "".join(_matrix_row(name, place, names, counts) for place, name in enumerate(names))
    for place, name in enumerate(names):
        body += text_at(_LEFT + 20 + (place + 0.5) * _CELL, _TOP + 30, name, "middle")
    body += text_at(_LEFT + 20 + size / 2, _TOP + 6, x_title, "middle")
    body += _turned(16, _TOP + 44 + size / 2, y_title)
    return _svg(_LEFT + 28 + size, _TOP + 52 + size, title, summary, body)


def _matrix_row(name: str, place: int, names: Sequence[str], counts: Mapping[tuple[str, str], int]) -> str:
    total = sum(counts.get((name, other), 0) for other in names)
    top = _TOP + 44 + place * _CELL
    drawn = text_at(_LEFT + 12, top + _CELL / 2 + 4, name, "end")
    for column, other in enumerate(names):
        count = counts.get((name, other), 0)
        share = count / total if total else 0.0
        left = _LEFT + 20 + column * _CELL
        drawn += (
            f'<rect class="cell" x="{left}" y="{top}" width="{_CELL - 2}" height="{_CELL - 2}" '
            f'fill-opacity="{_DARKEST * share:.2f}"/>'
            f'<rect class="frame" x="{left}" y="{top}" width="{_CELL - 2}" height="{_CELL - 2}"/>'
        )
        drawn += text_at(left + _CELL / 2 - 1, top + _CELL / 2 + 4, str(count), "middle")
    return drawn


def _deviate(rate: float) -> float:
    """0..1 along an axis of normal deviates."""
    low, high = NormalDist().inv_cdf(_RARE), NormalDist().inv_cdf(_COMMON)
    return (NormalDist().inv_cdf(min(max(rate, _RARE), _COMMON)) - low) / (high - low)


def _across(rate: float) -> float:
    return _LEFT + _deviate(rate) * (_RIGHT - _LEFT)


def _up(rate: float) -> float:
    return _BOTTOM - _deviate(rate) * (_BOTTOM - _TOP)


def _axes(x_title: str, y_title: str) -> str:
    return (
        f'<polyline class="frame" points="{_LEFT},{_TOP} {_LEFT},{_BOTTOM} {_RIGHT},{_BOTTOM}"/>'
        f"{text_at((_LEFT + _RIGHT) / 2, _HEIGHT - 14, x_title, 'middle')}{_turned(18, (_TOP + _BOTTOM) / 2, y_title)}"
    )


def _turned(x: float, y: float, text: str) -> str:
    return f'<text transform="translate({x:.1f} {y:.1f}) rotate(-90)" text-anchor="middle">{escape(text)}</text>'


def _svg(width: int, height: int, title: str, summary: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(f"{title}. {summary}")}">'
        f"<title>{escape(title)}</title><desc>{escape(summary)}</desc>{body}</svg>"
    )
