"""The table of cases is complete, its words are those of others, and its page is up to date."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from config.policy import Role
from ivr.cases.acts import ACTS, OPENINGS, Act
from ivr.cases.case import ABOUT, FINAL, KINDS, STATES, Kind, State, Who
from ivr.cases.drawing import draw
from ivr.cases.machine import step
from ivr.cases.shapes import PERSONAL, declared
from ivr.cases.table import BARRED, HANDLERS, OPENERS, acts_of
from ivr.cases.turn import NotAllowed, make_note
from storage.consent_log.tags import Tag
from tests.ivr.cases.playing import ACTS as SOME_ACTS
from tests.ivr.cases.playing import OPENINGS as SOME_OPENINGS
from tests.ivr.cases.playing import TERMS, doing, opened

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cases.md"


def test_the_page_is_the_drawing_of_the_table_as_it_is() -> None:
    """Where this fails: `python -m ivr.cases.drawing > docs/cases.md`."""
    assert PAGE.read_text(encoding="utf-8") == draw()


def test_every_kind_has_all_its_parts() -> None:
    assert set(KINDS) == set(STATES) == set(ABOUT) == set(OPENINGS) == set(OPENERS) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_every_act_is_answered_in_every_state_of_its_kind(kind: Kind) -> None:
    for state in STATES[kind]:
        for act in acts_of(kind):
            assert ((kind, state, act) in HANDLERS) != ((kind, state, act) in BARRED)


def test_handlers_lead_only_to_states_of_their_kind_and_none_out_of_a_final_one() -> None:
    for (kind, state, _), handler in HANDLERS.items():
        assert state in STATES[kind].keys() - FINAL
        assert handler.to <= STATES[kind].keys()
    for kind, opener in OPENERS.items():
        assert opener.to <= STATES[kind].keys()


def test_the_table_names_exactly_the_states_that_each_act_leads_to() -> None:
    led_to: dict[tuple[Kind, State, type[Act]], set[State]] = {}
    begun: dict[Kind, set[State]] = {}
    for opening, terms in product(SOME_OPENINGS, (TERMS, replace(TERMS, weighs_publication=False))):
        first = opened(opening, Who.SYSTEM if opening.kind is Kind.REFUSAL else Who.SUPERVISOR, terms)
        begun.setdefault(opening.kind, set()).add(first.state)
        seen, ahead = {(first.state, first.about)}, [first]
        while ahead:
            case = ahead.pop()
            for act, role in product(SOME_ACTS, Who):
                try:
                    after = step(case, act, doing(role), terms).case
                except NotAllowed:
                    continue
                led_to.setdefault((case.kind, case.state, type(act)), set()).add(after.state)
                if (after.state, after.about) not in seen:
                    seen.add((after.state, after.about))
                    ahead.append(after)
    assert begun == {kind: opener.to for kind, opener in OPENERS.items()}
    assert {place: states - {place[1]} for place, states in led_to.items()} == {
        place: handler.to - {place[1]} for place, handler in HANDLERS.items()
    }


def test_every_act_is_somebodys() -> None:
    assert {act for kind in Kind for act in acts_of(kind)} == set(ACTS.values())


def test_every_act_has_its_tag_in_the_log() -> None:
    acted = {f"{kind}:{act.code}" for kind in Kind for act in acts_of(kind)}
    begun = {f"{kind}:{opening.code}" for kind, opening in OPENINGS.items()}
    own = {tag for tag in Tag if tag.split(":")[0] in {*Kind}} - {Tag.TRAINING_ASKED}  # that one is said on the call
    assert acted | begun | {"complaint:playback-refused"} == own


def test_roles_are_those_of_the_profile_and_the_service_itself() -> None:
    assert {*Who} == {*Role, "systeem"}


def test_no_field_of_an_act_takes_the_place_of_what_every_entry_says() -> None:
    for opening in SOME_OPENINGS[:1]:
        common = make_note(opened(opening, Who.SYSTEM), opening, doing(), {}, {})
    names = {field.name for act in [*ACTS.values(), *OPENINGS.values()] for field in declared(act)}
    assert not names & (common.facts.keys() | {"from_case", "by"})


def test_all_free_text_is_personal() -> None:
    """A text with a pattern is a code; whatever else somebody can write may name people."""
    for act in [*ACTS.values(), *OPENINGS.values()]:
        for field in declared(act):
            coded = any(getattr(mark, "pattern", None) for mark in field.marks)
            assert field.kind is not str or coded or PERSONAL in field.marks, (act, field.name)


def test_an_act_of_another_kind_is_not_allowed() -> None:
    for opening in SOME_OPENINGS:
        case = opened(opening, Who.SYSTEM if opening.kind is Kind.REFUSAL else Who.SUPERVISOR)
        for act in SOME_ACTS:
            if type(act) not in acts_of(case.kind):
                with pytest.raises(NotAllowed, match=f"there is no {act.code}"):
                    step(case, act, doing(Who.SUPERVISOR), TERMS)
