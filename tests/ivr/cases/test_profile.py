"""Every shipped profile gives its case files terms that they can live by."""

from pathlib import Path

import pytest

import config
from config.policy_file import load_policies
from ivr.cases.acts import CovertRecordingRegistered, MisuseReported, RequestRegistered, StepDone
from ivr.cases.case import Misuse, State, Who
from ivr.cases.profile import terms_of
from tests.ivr.cases.playing import NOON, opened, play

POLICIES = load_policies(Path(config.__file__).parent / "policies").by_slug


@pytest.mark.parametrize("slug", POLICIES)
def test_the_procedure_for_misuse_can_be_walked_to_its_end(slug: str) -> None:
    terms = terms_of(POLICIES[slug])
    case = opened(MisuseReported(Misuse.PUBLICATION, "op internet"), terms=terms)
    for step in terms.misuse:
        assert case.owner is step.promise.owner
        case = play(case, (StepDone(step.code, "gedaan"), step.promise.owner), terms=terms)
    assert case.state is State.DECIDING


@pytest.mark.parametrize("slug", POLICIES)
def test_every_other_channel_and_every_kind_of_conversation_can_be_registered(slug: str) -> None:
    terms = terms_of(POLICIES[slug])
    for channel in terms.channels:
        for conversation in terms.conversations:
            request = RequestRegistered(channel, NOON, conversation, third_persons=False)
            assert opened(request, Who.EMPLOYEE, terms, call_id=None).channel == channel


@pytest.mark.parametrize("slug", POLICIES)
def test_a_publication_is_weighed_where_the_profile_says_how_and_is_misuse_elsewhere(slug: str) -> None:
    policy = POLICIES[slug]
    case = opened(CovertRecordingRegistered("op internet", published=True), terms=terms_of(policy))
    assert case.state is (State.CLOSED if policy.covert.publication is None else State.WEIGHING)


def test_raad_voor_de_kinderbescherming_weighs_before_it_calls_a_publication_misuse() -> None:
    assert terms_of(POLICIES["raad-voor-de-kinderbescherming"]).weighs_publication
