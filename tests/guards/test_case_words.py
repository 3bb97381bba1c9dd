"""Every kind, state, act and field of case files has words for people, and so has every reason against an act."""

import ast
from collections.abc import Iterator

import pytest

from ivr.cases.acts import ACTS, OPENINGS, Act, Party
from ivr.cases.case import STATES, Kind, Misuse, NotCompared, Verdict, Who
from ivr.cases.machine import kinds_opened_by
from ivr.cases.shapes import declared
from ivr.web.console.case_act_words import (
    ACT_WORDS,
    FIELD_WORDS,
    NOT_BY_HAND,
    OPENINGS_BY_HAND,
    REASONS,
)
from ivr.web.console.case_fields import is_typed
from ivr.web.console.case_words import CHOICE_WORDS, KIND_WORDS, STATE_WORDS, WHO_WORDS
from ivr.web.log_words import WORDS
from storage.consent_log.tags import Tag
from tests.guards.tree import calls_of, modules

BY_HAND: list[type[Act]] = [act for act in ACTS.values() if act not in NOT_BY_HAND] + [*OPENINGS_BY_HAND]
RAISED = ("NotAllowed", "WrongRole", "KeyUsedBefore")


def test_every_kind_state_role_and_choice_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert {kind: set(states) for kind, states in STATE_WORDS.items()} == {kind: set(STATES[kind]) for kind in Kind}
    assert set(WHO_WORDS) == set(Who)
    assert set(CHOICE_WORDS) == {*Misuse, *NotCompared, *Party, *Verdict}


def test_every_act_has_words_or_is_done_by_what_handles_the_file() -> None:
    assert ACT_WORDS.keys() | NOT_BY_HAND == set(ACTS.values())
    assert not ACT_WORDS.keys() & NOT_BY_HAND


def test_what_people_may_register_has_a_form() -> None:
    people = [who for who in Who if who is not Who.SYSTEM]
    opened = {kind for who in people for kind in kinds_opened_by(who)}
    assert {opening.kind for opening in OPENINGS_BY_HAND} == opened
    assert all(OPENINGS[opening.kind] is opening for opening in OPENINGS_BY_HAND)


@pytest.mark.parametrize("act", BY_HAND, ids=lambda act: act.__name__)
def test_every_field_of_a_form_has_words_and_can_be_filled_in(act: type[Act]) -> None:
    for field in declared(act):
        assert is_typed(field) or not field.required, field.name
        assert ((act, field.name) in FIELD_WORDS) == is_typed(field), field.name
        assert field.name not in ("csrf", "key", "version", "gesprek", "organisatie")


def test_there_are_no_words_for_what_is_not_there() -> None:
    fields = {(act, field.name) for act in BY_HAND for field in declared(act)}
    assert FIELD_WORDS.keys() <= fields


def reasons() -> Iterator[str]:
    """The texts with which case files say that something is not possible, wherever one is written down."""
    constants: dict[str, str] = {}
    asked: list[ast.expr] = []
    for path, tree in modules("ivr"):
        if path.parts[:2] != ("ivr", "cases"):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(name)], value=ast.Constant(str(text))):
                    constants[name] = text
        for call in calls_of(tree):
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in RAISED and call.args:
                asked.append(call.args[0])
    for told in asked:
        if isinstance(told, ast.Constant):
            yield str(told.value)
        elif isinstance(told, ast.Name):
            yield constants[told.id]


def test_every_reason_has_words() -> None:
    found = set(reasons())
    assert len(found) > 20
    assert found <= REASONS.keys()


def test_every_entry_of_a_case_has_words() -> None:
    assert {tag for tag in Tag if tag.split(":")[0] in {*Kind}} <= WORDS.keys()
