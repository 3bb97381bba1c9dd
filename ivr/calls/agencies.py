"""The agencies that this installation serves: whose call is it, and what does it say."""

from dataclasses import dataclass

from config.policy import AgencyPolicy, CopyDelivery, ParallelRecording, Policies
from config.prompts import Prompts
from ivr.calls.speaking import Speaker
from ivr.dialogue.rules import Rules
from ivr.errors import UnknownAgency

DUTCH_MOBILE = "+316"


@dataclass(frozen=True, slots=True)
class Agencies:
    """Profiles and spoken texts, as read at start; `sends_sms` is false where no sender is configured."""

    policies: Policies
    prompts: Prompts
    sends_sms: bool = True

    def for_number(self, called: str) -> AgencyPolicy:
        """Raises `UnknownAgency`."""
        policy = self.policies.for_number(called)
        if policy is None:
            raise UnknownAgency(
                f"no profile names the number {called[:5]}...: add it to config/policies or set SPELREGEL_AGENCY"
            )
        return policy

    def get(self, slug: str) -> AgencyPolicy:
        return self.policies.get(slug)

    def speaker(self, slug: str) -> Speaker:
        policy = self.get(slug)
        return Speaker(self.prompts, policy.name, policy.complaint.spoken, policy.rules.prompt_margin_s)

    def rules_for(self, policy: AgencyPolicy, caller: str) -> Rules:
        """What the dialogue of one call may do. Only Dutch mobile numbers are sure to take an SMS."""
        return Rules(
            answer_timeout_s=policy.rules.answer_timeout_s,
            start_timeout_s=policy.rules.start_timeout_s,
            reprompts=policy.rules.reprompts,
            agency_records=policy.parallel_recording is not ParallelRecording.NEVER,
            offer_copy=policy.copy.offer,
            can_sms=self.sends_sms and policy.copy.by is CopyDelivery.SMS and caller.startswith(DUTCH_MOBILE),
        )
