"""Every measure has a name and a place on the page, and the counting looks for tags that the log can hold."""

import ast
import re
from collections import Counter

from ivr.reporting.measures import PARTITIONS, WITH_DETAIL, Measure
from ivr.reporting.words import GROUPS, MEASURE_WORDS, measures_below
from storage.consent_log.tags import Tag
from tests.guards.tree import modules

TAG = re.compile(r"[a-z]+(-[a-z]+)*:[a-z]+(-[a-z]+)*")


def test_every_measure_has_words_and_one_place_but_refusals_which_are_told_twice() -> None:
    assert MEASURE_WORDS.keys() == set(Measure)
    shown = Counter(measure for _, tops in GROUPS for top in tops for measure, _ in measures_below(top))
    assert shown == Counter([*Measure, Measure.REFUSED])


def test_what_has_details_is_a_part_of_something() -> None:
    parts = {part for _, those in PARTITIONS for part in those}
    assert set(WITH_DETAIL) <= parts


def test_the_counting_knows_no_tag_that_the_log_does_not_have() -> None:
    named = {
        node.value
        for _, tree in modules("ivr/reporting")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TAG.fullmatch(node.value)
    }
    assert len(named) >= 40
    assert named <= set(Tag)
