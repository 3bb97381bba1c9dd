"""The consent record says who answers for the data and on which basis, as the call's own profile has it."""

from pathlib import Path

import pytest

import config.policy
from config.policy import AgencyPolicy
from config.policy_file import load_policies
from ivr.calls.consent import consent_record
from ivr.dialogue.states import Dialogue
from storage.records import CallRecord, Json
from tests.builders import BEGAN, CALL_SID

POLICIES = load_policies(Path(config.policy.__file__).parent / "policies").by_slug


def record_under(policy: AgencyPolicy) -> dict[str, Json]:
    call = CallRecord("call-1", CALL_SID, policy.slug, policy.digest, BEGAN, Dialogue().to_json())
    return consent_record(call, policy, [])


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_the_record_names_the_controller_of_the_profile(policy: AgencyPolicy) -> None:
    assert record_under(policy)["pii_controllers"] == [
        {
            "party_name": policy.controller.name,
            "party_address": policy.controller.address,
            "party_contact": policy.controller.contact,
        }
    ]


@pytest.mark.parametrize(("slug", "basis"), [("uwv", "AVG 6(1)(e)"), ("arts-patient", "AVG 6(1)(b)")])
def test_the_agencys_recording_rests_on_the_basis_of_the_profile(slug: str, basis: str) -> None:
    match record_under(POLICIES[slug])["pii_processing"]:
        case [{"lawful_basis": callers}, {"lawful_basis": agencys}]:
            assert (callers, agencys) == ("not the agency's processing", basis)
        case other:
            pytest.fail(f"there are two recordings to account for, not {other}")
