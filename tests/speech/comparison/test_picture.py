"""The picture of a comparison: all of it is in the drawing, none of it by colour alone, and nothing in it can run."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.comparison.picture import WIDTH, draw, words_in_english
from speech.comparison.report import Damage, Report, Side, as_json, as_text, between, clock
from speech.comparison.result import Comparison, Edit, EditKind, Stretch, Verdict

SVG = "{http://www.w3.org/2000/svg}"
EDITS = (
    Edit(EditKind.CUT, 30, 42, 38, 38, 0.97),
    Edit(EditKind.REPLACE, 80, 84, 76, 80, 0.9),
    Edit(EditKind.INSERT, 120, 120, 116, 125, 0.8),
)
STRETCHES = (Stretch(0, 30, 8, 38), Stretch(42, 80, 38, 76), Stretch(84, 120, 80, 116), Stretch(120, 170, 125, 175))
REPORT = Report(
    "spelregel compare 1",
    Comparison(Verdict.ALTERED, 0.93, 12.0, EDITS, STRETCHES, 180, 190),
    Side((0, 50, 100, 20), ()),
    Side((10, 90), (Damage(150, 153),)),
)


def drawn(report: Report, *, alone: bool = True) -> ElementTree.Element:
    return ElementTree.fromstring(draw(report, words_in_english(report), alone=alone))  # noqa: S314 - our own picture


def texts(root: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


def test_each_difference_has_a_number_a_pattern_and_a_name() -> None:
    root = drawn(REPORT)
    assert {"1", "2", "3"} <= set(texts(root))
    for kind, name in (("cut", "missing"), ("insert", "only"), ("replace", "different")):
        assert any(f"url(#compared-{kind})" == path.get("fill") for path in root.iter(f"{SVG}path"))
        assert any(name in text for text in texts(root))
    assert "damaged in the file" in texts(root)


def test_a_screen_reader_gets_a_title_and_every_difference_with_its_times() -> None:
    root = drawn(REPORT)
    assert root.get("role") == "img"
    title, told = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert "altered" in title
    assert "1: missing in the copy, recording 00:30.0 - 00:42.0, copy 00:38.0" in told
    assert root.get("aria-label") == f"{title}. {told}"


def test_there_is_no_script_no_style_and_no_address_in_it() -> None:
    root = drawn(REPORT)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "defs", "pattern", "path", "rect", "circle", "text",
    }  # fmt: skip
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]


def test_alone_it_has_a_ground_and_on_a_page_the_colour_of_its_text() -> None:
    assert drawn(REPORT, alone=True).get("color") is not None
    page = drawn(REPORT, alone=False)
    assert page.get("color") is None
    assert page.get("fill") == "currentColor"


def test_a_complete_copy_has_no_differences_and_another_call_nothing_shared() -> None:
    complete = replace(REPORT, comparison=replace(REPORT.comparison, verdict=Verdict.COMPLETE, edits=()))
    assert "the same in both" in texts(drawn(complete))
    assert not {"1", "missing in the copy"} & set(texts(drawn(complete)))
    other = replace(REPORT, comparison=replace(REPORT.comparison, verdict=Verdict.UNRELATED, edits=()))
    assert "the same in both" not in texts(drawn(other))


def test_many_differences_close_together_do_not_write_over_each_other() -> None:
    many = tuple(Edit(EditKind.CUT, at, at + 0.5, at, at, 1) for at in range(100))
    numbers = [
        text
        for text in texts(drawn(replace(REPORT, comparison=replace(REPORT.comparison, edits=many))))
        if text.isdigit()
    ]
    assert 10 < len(numbers) < 60


def test_words_are_never_markup() -> None:
    words = replace(words_in_english(REPORT), title='"><script>', agency="<b>&", copy="]]>")
    root = ElementTree.fromstring(draw(REPORT, words, alone=False))  # noqa: S314 - our own picture
    assert "<b>&" in texts(root)
    assert not list(root.iter(f"{SVG}script"))


times = st.floats(0, 20_000, allow_nan=False)


@given(
    st.lists(st.builds(Edit, st.sampled_from(EditKind), times, times, times, times, st.floats(0, 1)), max_size=20),
    st.lists(st.integers(-1000, 1000), max_size=20),
    times,
    times,
)
def test_any_report_is_drawn_within_its_frame(
    edits: list[Edit], outline: list[int], agency_s: float, copy_s: float
) -> None:
    found = replace(REPORT.comparison, edits=tuple(edits), agency_s=agency_s, copy_s=copy_s)
    root = drawn(replace(REPORT, comparison=found, agency=Side(tuple(outline), ())))
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x", "0")) <= WIDTH
        assert 0 <= float(text.get("y", "0")) <= float(root.get("height", "0"))


# ---------------------------------------------------------------- in words


def test_the_json_has_the_fixed_shape() -> None:
    found = as_json(REPORT.comparison)
    assert list(found) == ["verdict", "coverage", "drift_ppm", "edits"]
    assert found["edits"][0] == {  # type: ignore[index]
        "kind": "cut",
        "agency_start_s": 30,
        "agency_end_s": 42,
        "copy_start_s": 38,
        "copy_end_s": 38,
        "confidence": 0.97,
    }


def test_the_text_names_every_difference_and_what_is_damaged() -> None:
    told = as_text(REPORT)
    assert "2 different in the copy  01:20.0 - 01:24.0   01:16.0 - 01:20.0   90 %" in told
    assert "the copy is damaged at 02:30.0 - 02:33.0" in told
    other = replace(REPORT, comparison=replace(REPORT.comparison, verdict=Verdict.UNRELATED, edits=()))
    assert "%" not in as_text(other)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "00:00.0"), (59.96, "01:00.0"), (3_725.25, "62:05.2"), (599.94, "09:59.9")]
)
def test_a_time_is_minutes_seconds_and_tenths(seconds: float, told: str) -> None:
    assert clock(seconds) == told


def test_a_stretch_of_no_length_is_a_moment() -> None:
    assert between(1.0, 1.04) == "00:01.0"
    assert between(1.0, 2.0) == "00:01.0 - 00:02.0"
