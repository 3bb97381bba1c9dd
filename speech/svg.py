"""PURE. What the charts and the picture of a comparison draw alike, as SVG."""

from html import escape


def text_at(x: float, y: float, text: str, anchor: str) -> str:
    """Words at a place; `anchor` is which part of them stands there: `start`, `middle` or `end`."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
