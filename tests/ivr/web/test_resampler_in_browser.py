"""The browser phone's resampler, in the browser that will run it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ivr.web import pages
from tests.browser import chromium

pytestmark = pytest.mark.slow

SOURCE = (Path(pages.__file__).parent / "static" / "bel" / "resampler.js").read_text(encoding="utf-8")

RESAMPLE = """({ fromHz, toHz, toneHz, piece }) => {
    const resampler = new Resampler(fromHz, toHz)
    const input = Float32Array.from({ length: fromHz }, (_, n) => Math.sin(2 * Math.PI * toneHz * n / fromHz))
    const output = []
    for (let at = 0; at < input.length; at += piece) output.push(...resampler.push(input.slice(at, at + piece)))
    return output
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(content=SOURCE.replace("export class", "window.Resampler = class"))
        yield page


def resample(page: Page, **values: Any) -> list[float]:
    return list(page.evaluate(RESAMPLE, values))


def peak(samples: list[float]) -> float:
    """Of the middle, where the filter has filled and not yet run dry."""
    return max(abs(sample) for sample in samples[len(samples) // 4 : -len(samples) // 4])


@pytest.mark.parametrize("rate_hz", [44100, 48000, 16000])
@pytest.mark.parametrize("tone_hz", [300, 1000, 3000])
def test_speech_passes_both_ways(page: Page, rate_hz: int, tone_hz: int) -> None:
    for from_hz, to_hz in ((rate_hz, 8000), (8000, rate_hz)):
        output = resample(page, fromHz=from_hz, toHz=to_hz, toneHz=tone_hz, piece=128)
        assert len(output) == pytest.approx(to_hz, rel=0.02)
        assert peak(output) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_what_the_telephone_cannot_carry_does_not_fold_back(page: Page, rate_hz: int) -> None:
    assert peak(resample(page, fromHz=rate_hz, toHz=8000, toneHz=5000, piece=128)) < 0.01


def test_pieces_fit_together(page: Page) -> None:
    whole = resample(page, fromHz=44100, toHz=8000, toneHz=440, piece=44100)
    assert resample(page, fromHz=44100, toHz=8000, toneHz=440, piece=37) == whole
