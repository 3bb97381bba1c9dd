"""The agencies that this installation serves: whose call is it, and by which rules was it told what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.policy import AgencyPolicy, CopyDelivery, ParallelRecording, Policies, PolicyError
from config.policy_file import parse_policy
from config.prompts import Prompts
from ivr.calls.speaking import Speaker
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import Dialogue
from ivr.errors import UnknownAgency
from ivr.ports import Database

DUTCH_MOBILE = "+316"
AGENCY_RECORDS = {
    ParallelRecording.NEVER: AgencyRecords.NEVER,
    ParallelRecording.WHEN_THE_CALLER_RECORDS: AgencyRecords.WITH_THE_CALLER,
    ParallelRecording.ALWAYS: AgencyRecords.ALWAYS,
}


@dataclass(frozen=True, slots=True)
class Agencies:
    """Profiles and spoken texts, as read at start; `sends_sms` is false where no sender is configured.

    `prompts` has the texts of each language, `recorded_s` the seconds of those that a real voice speaks. Whoever speaks
    of something that began earlier asks for the profile that held then, by its digest: a changed profile never changes
    what an old call was told.
    """

    policies: Policies
    prompts: Mapping[str, Prompts]
    database: Database
    sends_sms: bool = True
    recorded_s: Mapping[str, float] = field(default_factory=dict)
    _earlier: dict[str, AgencyPolicy] = field(default_factory=dict)

    def for_number(self, called: str) -> AgencyPolicy:
        """Raises `UnknownAgency`."""
        policy = self.policies.for_number(called)
        if policy is None:
            raise UnknownAgency(
                f"no profile names the number {called[:5]}...: add it to a profile or set SPELREGEL_AGENCY"
            )
        return policy

    def now(self, slug: str) -> AgencyPolicy:
        """The agency's profile as it is today. Raises `PolicyError`."""
        return self.policies.get(slug)

    def by_digest(self, slug: str, digest: str) -> AgencyPolicy:
        """The agency's profile as it was then. Raises `PolicyError` where it was not kept, or is not what was kept."""
        today = self.policies.by_slug.get(slug)
        if today is not None and today.digest == digest:
            return today
        if digest not in self._earlier:
            with self.database.reading() as unit:
                document = unit.policies.find(digest)
            if document is None:
                raise PolicyError(f"the profile of {slug} with digest {digest} was not kept")
            policy = parse_policy(document, slug)
            if policy.digest != digest:
                raise PolicyError(f"the profile of {slug} that was kept as {digest} has digest {policy.digest}")
            self._earlier[digest] = policy
        return self._earlier[digest]

    def speaker(self, policy: AgencyPolicy) -> Speaker:
        return Speaker(self.prompts, policy, self.recorded_s)

    def begin(self, policy: AgencyPolicy, called: str, caller: str) -> Dialogue:
        """The dialogue of a new call; some numbers are for one kind of conversation."""
        rules = self.rules_for(policy, caller)
        kind = policy.kind_of(called)
        return Dialogue(
            rules=rules,
            language=rules.language,
            kind="" if kind is None else kind.code,
            exclusion="" if kind is None or kind.excluded is None else kind.excluded.alternative,
        )

    def rules_for(self, policy: AgencyPolicy, caller: str) -> Rules:
        """What the dialogue of one call may do. Only Dutch mobile numbers are sure to take an SMS."""
        others = (language for language in policy.languages[1:] if language in self.prompts)
        return Rules(
            answer_timeout_s=policy.rules.answer_timeout_s,
            start_timeout_s=policy.rules.start_timeout_s,
            reprompts=policy.rules.reprompts,
            agency_records=AGENCY_RECORDS[policy.parallel_recording],
            offer_copy=policy.copy.offer,
            copy_by_sms=policy.copy.by is CopyDelivery.SMS,
            can_text=self.sends_sms and caller.startswith(DUTCH_MOBILE),
            ask_theirs=policy.copy.ask_theirs,
            ask_training=policy.training,
            attempts=len(policy.employee.to) * policy.employee.rounds,
            language=policy.language,
            other_language=next(others, ""),
        )
