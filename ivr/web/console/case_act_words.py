"""What is done with case files, in words: acts, their fields, and why one is not possible.

Dutch, translated where it is shown.

The forms are made from the acts' own declarations; an act that is added gets its form by adding its words here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.cases.acts import (
    AccessGranted,
    AccessRefused,
    Act,
    Closed,
    ComplaintReceived,
    CopyAsked,
    CopyCompared,
    CopyDeclined,
    CopyDestroyed,
    CopyKept,
    CopyNotCompared,
    CopyReceived,
    CovertRecordingRegistered,
    Delivered,
    EmployeeAnswered,
    EvidenceAdded,
    JudgedWithoutListening,
    Lapsed,
    ListeningNeeded,
    MessageSent,
    MisuseReported,
    Opening,
    Played,
    PublicationWeighed,
    RequestAllowed,
    RequestRefused,
    RequestRegistered,
    StepDone,
    TalkPlanned,
    ThirdPersonsWeighed,
    TrainingAnswered,
    TrainingAsked,
    TrainingWithdrawn,
)
from ivr.web.language import N_

NOT_BY_HAND: frozenset[type[Act]] = frozenset({CopyReceived, CopyCompared, CopyNotCompared, Played})
"""These say what really happened to a file or its sound, so whatever handles that does them: nobody types them."""


@dataclass(frozen=True, slots=True)
class ActWords:
    """`do` is the heading of its form and its button; `hint` says when it is done and what follows."""

    do: str
    hint: str = ""


ACT_WORDS: Mapping[type[Act], ActWords] = {
    Delivered: ActWords(N_("Geleverd melden"), N_("Heeft de beller gekregen wat is beloofd? Dan is deze zaak klaar.")),
    Lapsed: ActWords(N_("Laten vervallen"), N_("Alleen als de weigering is ingetrokken en opnemen toch mocht.")),
    MessageSent: ActWords(
        N_("Bericht gestuurd"), N_("De burger heeft het bericht over de spelregels gekregen. Geef geen verwijt.")
    ),
    TalkPlanned: ActWords(
        N_("Gesprek plannen"),
        N_("Een gesprek om het vertrouwen te herstellen. De burger hoeft dat gesprek niet te willen."),
    ),
    PublicationWeighed: ActWords(
        N_("Publicatie afwegen"), N_("Is het misbruik? Dan sluit deze zaak en begint een zaak over misbruik.")
    ),
    JudgedWithoutListening: ActWords(
        N_("Oordelen zonder te luisteren"), N_("De klacht is te beoordelen zonder de opname. De zaak is dan klaar.")
    ),
    ListeningNeeded: ActWords(
        N_("Luisteren is nodig"),
        N_("De klacht is niet te beoordelen zonder de opname. Daarna krijgt de medewerker een vraag."),
    ),
    EmployeeAnswered: ActWords(
        N_("Antwoord van de medewerker"),
        N_("Heeft de medewerker bezwaar tegen luisteren? Schrijf dan ook de reden op."),
    ),
    ThirdPersonsWeighed: ActWords(
        N_("Belang van anderen afwegen"),
        N_("Zijn er anderen te horen, zoals een kind of een tolk? Weeg dan hun privacy."),
    ),
    AccessGranted: ActWords(
        N_("Luisteren toestaan"),
        N_("Alleen deze mensen mogen luisteren, tot deze datum. Een nieuw besluit vervangt een eerder besluit."),
    ),
    AccessRefused: ActWords(
        N_("Luisteren weigeren"), N_("Niemand mag luisteren. De klacht wordt zonder de opname beoordeeld.")
    ),
    EvidenceAdded: ActWords(N_("Bewijs toevoegen"), N_("Beschrijf wat u zag of hoorde, en waar dat te vinden is.")),
    StepDone: ActWords(
        N_("Stap gezet"), N_("De stappen gaan op volgorde. Is een stap genoeg? Dan kunt u de zaak afronden.")
    ),
    CopyKept: ActWords(N_("Kopie bewaren"), N_("De kopie blijft tot de termijn voorbij is.")),
    CopyDestroyed: ActWords(N_("Kopie vernietigen"), N_("De kopie is daarna weg. Dat is niet terug te draaien.")),
    CopyDeclined: ActWords(N_("Beller geeft geen kopie"), N_("Dat mag. Vraag niet naar de reden.")),
    TrainingAnswered: ActWords(
        N_("Antwoord vastleggen"),
        N_("De medewerker antwoordt zelf, met de eigen naam. Spelregel weet niet wie er aan de lijn was."),
    ),
    TrainingWithdrawn: ActWords(
        N_("Akkoord intrekken"), N_("Een van de twee wil het niet meer. Luisteren stopt meteen.")
    ),
    RequestAllowed: ActWords(N_("Opnemen toestaan"), N_("Opnemen mag, tenzij er een zwaarwegende reden is.")),
    RequestRefused: ActWords(
        N_("Opnemen weigeren"),
        N_("Dat kan alleen met een zwaarwegende reden voor dit ene gesprek, en met een alternatief."),
    ),
    Closed: ActWords(N_("Zaak afronden"), N_("Schrijf op hoe het is afgelopen. Daarna kan er niets meer bij.")),
}
"""Every act that is done by hand."""


@dataclass(frozen=True, slots=True)
class FieldWords:
    """The label of a field, and what helps to fill it in."""

    label: str
    hint: str = ""


_HOW = FieldWords(N_("Hoe is dat gedaan?"), N_("Bijvoorbeeld per brief, of aan de telefoon."))
_OUTCOME = FieldWords(N_("Wat is de uitkomst?"))

FIELD_WORDS: Mapping[tuple[type[Act], str], FieldWords] = {
    (CovertRecordingRegistered, "discovered"): FieldWords(
        N_("Hoe is de opname ontdekt?"), N_("Schrijf alleen op wat u weet. Geef geen oordeel over de burger.")
    ),
    (CovertRecordingRegistered, "published"): FieldWords(
        N_("Is de opname gepubliceerd?"), N_("Bijvoorbeeld op sociale media.")
    ),
    (ComplaintReceived, "complaint"): FieldWords(N_("Wat is de klacht?")),
    (MisuseReported, "what"): FieldWords(N_("Wat is er met de opname gedaan?")),
    (MisuseReported, "report"): FieldWords(N_("Wat is er gebeurd?"), N_("Schrijf op wat u zag, waar en wanneer.")),
    (TrainingAsked, "caller_agreed"): FieldWords(N_("Heeft de beller al geantwoord?")),
    (RequestRegistered, "channel"): FieldWords(N_("Waar is het gevraagd?")),
    (RequestRegistered, "asked_at"): FieldWords(N_("Wanneer is het gevraagd?"), N_("Nederlandse tijd.")),
    (RequestRegistered, "conversation"): FieldWords(N_("Om wat voor gesprek gaat het?")),
    (RequestRegistered, "third_persons"): FieldWords(
        N_("Is er nog iemand anders bij het gesprek?"), N_("Bijvoorbeeld een kind, een tolk of een vertegenwoordiger.")
    ),
    (RequestRegistered, "remark"): FieldWords(N_("Opmerking")),
    (Delivered, "how"): _HOW,
    (MessageSent, "how"): _HOW,
    (TalkPlanned, "on"): FieldWords(N_("Op welke dag is het gesprek?")),
    (PublicationWeighed, "purpose"): FieldWords(N_("Waarvoor is de opname gepubliceerd?")),
    (PublicationWeighed, "harm_to_staff"): FieldWords(N_("Welke schade hebben medewerkers?")),
    (PublicationWeighed, "misuse"): FieldWords(N_("Is dit misbruik?")),
    (JudgedWithoutListening, "outcome"): FieldWords(N_("Wat is het oordeel?")),
    (ListeningNeeded, "why"): FieldWords(N_("Waarom is luisteren nodig?")),
    (EmployeeAnswered, "objects"): FieldWords(N_("Heeft de medewerker bezwaar tegen luisteren?")),
    (EmployeeAnswered, "reason"): FieldWords(N_("Wat is de reden?"), N_("Alleen nodig als er bezwaar is.")),
    (ThirdPersonsWeighed, "weighing"): FieldWords(N_("Wat betekent luisteren voor anderen?")),
    (AccessGranted, "people"): FieldWords(
        N_("Wie mogen luisteren?"), N_("De naam waarmee iemand inlogt, op elke regel één. Ten hoogste 20 mensen.")
    ),
    (AccessGranted, "until"): FieldWords(N_("Tot wanneer?"), N_("Nederlandse tijd.")),
    (AccessGranted, "weighing"): FieldWords(N_("Hoe zijn de belangen afgewogen?")),
    (AccessRefused, "reason"): FieldWords(N_("Waarom mag niemand luisteren?")),
    (EvidenceAdded, "evidence"): FieldWords(N_("Wat is het bewijs?")),
    (EvidenceAdded, "from_copy"): FieldWords(
        N_("Hoort er een vergelijking bij?"),
        N_("Kies een kopie alleen als het om dat bestand gaat. Een verschil zegt niet wie het maakte, of waarom."),
    ),
    (StepDone, "step"): FieldWords(N_("Welke stap?")),
    (StepDone, "result"): FieldWords(N_("Wat kwam eruit?")),
    (CopyKept, "why"): FieldWords(N_("Waarom blijft de kopie bewaard?")),
    (TrainingAnswered, "party"): FieldWords(N_("Wie heeft geantwoord?")),
    (TrainingAnswered, "agrees"): FieldWords(N_("Mogen collega's van de opname leren?")),
    (TrainingWithdrawn, "party"): FieldWords(N_("Wie trekt het akkoord in?")),
    (RequestRefused, "reason"): FieldWords(N_("Wat is de zwaarwegende reden?")),
    (RequestRefused, "reason_text"): FieldWords(
        N_("De reden in woorden"), N_("Alleen nodig bij een andere reden. Ten hoogste 200 tekens.")
    ),
    (RequestRefused, "alternative"): FieldWords(N_("Wat krijgt de burger in plaats van de opname?")),
    (Closed, "outcome"): _OUTCOME,
}
"""Every field of an act that is done by hand."""

FACT_WORDS: Mapping[str, str] = {
    "alternative": N_("Wat is beloofd"),
    "late": N_("Na de termijn"),
    "steps_done": N_("Aantal gezette stappen"),
    "refused": N_("Niet toegestaan, want"),
    "digest": N_("Controlegetal (SHA-256)"),
    "size_bytes": N_("Grootte"),
    "scanned": N_("Gecontroleerd op kwaadaardige software"),
    "comparison": N_("Uitkomst van de vergelijking"),
    "not_compared": N_("Waarom niet vergeleken"),
    "agency_digest": N_("Controlegetal van onze opname (SHA-256)"),
    "copy_digest": N_("Controlegetal van de kopie (SHA-256)"),
    "report_digest": N_("Controlegetal van het verslag (SHA-256)"),
    "tool": N_("Vergeleken met"),
    "damaged": N_("Aantal beschadigde plaatsen in de bestanden"),
}
"""What entries of the log say beyond the fields of forms."""

OPENINGS_BY_HAND: tuple[type[Opening], ...] = (
    RequestRegistered,
    CovertRecordingRegistered,
    MisuseReported,
    ComplaintReceived,
    CopyAsked,
    TrainingAsked,
)
"""In the order in which they are offered. A promise after a refusal comes out of the refusal itself."""

REASONS: Mapping[str, str] = {
    "the recordings have to be compared first": N_(
        "De kopie en onze opname moeten eerst worden vergeleken. Zonder vergelijking zegt niemand dat er is geknipt."
    ),
    "a copy was handed in before": N_("Er is al een kopie. Een andere kan pas als wij die niet kunnen lezen."),
    "no copy of this call was compared under that number": N_("Kies een kopie uit de lijst."),
    "the next step is %(step)s": N_("Deze stap is al gezet. Kijk wat nu de volgende stap is."),
    "the agency does not use recordings for training": N_("Deze organisatie gebruikt geen opnames voor training."),
    "this party has answered; an agreement can be taken back": N_(
        "Dit antwoord is er al. Een akkoord kunt u wel intrekken."
    ),
    "the employee answers for themselves": N_("Alleen de medewerker zelf kan nog antwoorden."),
    "not both have agreed": N_("Nog niet allebei hebben ja gezegd."),
    "the agency asks for no copies": N_("Deze organisatie vraagt geen kopie aan bellers."),
    "the talk cannot be before the recording was discovered": N_("Kies een dag na de ontdekking van de opname."),
    "nothing has to happen afterwards for this alternative": N_(
        "Voor dit alternatief hoeft er na het gesprek niets te gebeuren."
    ),
    "the objection was made on a call, and is taken back on the call": N_(
        "De weigering was aan de telefoon. Alleen tijdens dat gesprek kon de medewerker die intrekken."
    ),
    "the profile has no channel %(code)s": N_("Kies een van de plaatsen uit de lijst."),
    "the profile has no kind of conversation %(code)s": N_("Kies een soort gesprek uit de lijst."),
    "it cannot have been asked in the future": N_("Dit moment is nog niet geweest. Vul in wanneer het is gevraagd."),
    "the profile has no reason %(code)s": N_("Kies een reden uit de lijst."),
    "another reason is told in words": N_("Schrijf de andere reden op."),
    "the profile has no alternative %(code)s": N_("Kies een alternatief uit de lijst."),
    "the complaint is not about a call, so there is no recording of ours to listen to": N_(
        "De klacht hoort niet bij een telefoongesprek. Er is dus geen opname om naar te luisteren."
    ),
    "who objects to listening says why": N_("Er is bezwaar. Schrijf dan ook op waarom."),
    "somebody else took part in the call: their privacy is weighed first": N_(
        "Er was nog iemand bij het gesprek. Weeg eerst het belang van die persoon."
    ),
    "the date has passed": N_("Dit moment is al voorbij. Kies een later moment."),
    "access lasts at most %(days)s days": N_("Luisteren mag ten hoogste %(days)s dagen. Kies een eerder moment."),
    "access was granted to other people": N_("Alleen wie met naam is genoemd, mag luisteren."),
    "the access has ended": N_("Luisteren mocht tot een datum, en die is voorbij."),
    "a %(role)s does not do this": N_("Dit doet iemand met een andere rol."),
    "a %(role)s does not open this kind of case: %(kind)s": N_("Zo'n zaak begint iemand met een andere rol."),
    "the call is another agency's": N_("Dit gesprek kennen wij niet. Controleer het nummer."),
    "this key was used for another act before": N_(
        "Dit formulier is al gebruikt. Kijk of het al is gelukt en begin anders opnieuw."
    ),
    "this key was used for another case before": N_(
        "Dit formulier is al gebruikt. Kijk of het al is gelukt en begin anders opnieuw."
    ),
    "the case has changed since you looked at it": N_("Intussen deed iemand anders iets met deze zaak."),
}
"""Why an act is not possible, by the text that the case files themselves give."""

NOT_NOW = N_("Dit kan nu niet meer. De zaak is intussen veranderd.")
