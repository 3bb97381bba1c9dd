"""What the public pages tell of a profile that does not stand in it as a text: names of roles, the rules in a sentence
each, the lawful basis in words. Dutch, translated where it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.policy import (
    RULES,
    AgencyPolicy,
    Alternative,
    ConversationKind,
    Exclusion,
    ParallelRecording,
    Role,
)
from ivr.web.language import N_

ROLE_WORDS = {
    Role.EMPLOYEE: N_("medewerker"),
    Role.SUPERVISOR: N_("leidinggevende"),
    Role.PRIVACY_OFFICER: N_("privacyfunctionaris"),
    Role.COMMITTEE: N_("klachtencommissie"),
    Role.AUDITOR: N_("controleur"),
    Role.ADMINISTRATOR: N_("beheerder"),
}

RULE_WORDS = dict(
    zip(
        RULES,
        (
            N_("Opnemen mag, tenzij er een zwaarwegende reden is. Dan bieden wij iets anders aan."),
            N_("Wij vertellen op onze website hoe opnemen gaat."),
            N_("U zegt vooraf dat u wilt opnemen."),
            N_("U en wij geven elkaar een kopie als de ander die wil."),
            N_("Niemand knipt of plakt in een opname zonder dat te zeggen."),
            N_("Niemand publiceert een opname of geeft die door zonder toestemming van de ander."),
            N_("U mag vragen waarom opnemen niet mocht. U mag ook een klacht indienen."),
            N_("Opnemen is alleen geluid, geen video."),
            N_("Wij mogen tegelijk zelf een opname maken."),
        ),
        strict=True,
    )
)

BASIS_WORDS = {
    "6(1)(a)": N_("U en de medewerker geven er toestemming voor."),
    "6(1)(b)": N_("De opname is nodig voor de overeenkomst met u."),
    "6(1)(c)": N_("De wet verplicht ons daartoe."),
    "6(1)(d)": N_("De opname beschermt iemands leven of gezondheid."),
    "6(1)(e)": N_("De opname is nodig voor onze taak voor het algemeen belang."),
    "6(1)(f)": N_("Wij hebben er een gerechtvaardigd belang bij."),
}
"""The six grounds of AVG art. 6, paragraph 1."""


@dataclass(frozen=True, slots=True)
class ExcludedKind:
    """A kind of conversation that is not recorded: why, and what is offered instead."""

    kind: ConversationKind
    exclusion: Exclusion
    alternative: Alternative


def list_excluded(policy: AgencyPolicy) -> list[ExcludedKind]:
    return list(_excluded(policy))


def _excluded(policy: AgencyPolicy) -> Iterator[ExcludedKind]:
    for kind in policy.conversation_kinds:
        if kind.excluded and (alternative := policy.find_alternative(kind.excluded.alternative)):
            yield ExcludedKind(kind, kind.excluded, alternative)


def agency_may_record(policy: AgencyPolicy) -> bool:
    """Beside the caller (R9), or as what is offered in place of the caller's recording (R1)."""
    beside = policy.parallel_recording is not ParallelRecording.NEVER
    return beside or any(alternative.agency_records for alternative in policy.alternatives)
