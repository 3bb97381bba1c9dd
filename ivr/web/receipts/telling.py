"""What a receipt tells its reader, in plain words of the page's language."""

from collections.abc import Iterator
from datetime import datetime

from config.policy import AgencyPolicy
from ivr.calls.receipt import Kept, Receipt, Shown
from ivr.calls.receipt_file import Issued
from ivr.dialogue.states import Refusal
from ivr.web.formats import AMSTERDAM, date, date_and_time, days, duration, to_the_second
from ivr.web.language import gettext, language, words
from ivr.web.receipts.document import (
    Block,
    Document,
    Paragraph,
    Row,
    Section,
    Table,
    Words,
    bullets,
    code,
    facts,
    paragraph,
)
from ivr.web.receipts.words import CALLERS_RECORDING, EVENTS, OUR_RECORDING

_ = gettext


def document_of(issued: Issued) -> Document:
    receipt = issued.receipt
    policy = receipt.policy
    return Document(
        title=_("Bewijs van uw gesprek met %(agency)s", agency=words(policy.name)),
        language=language(),
        sender=policy.controller.name,
        reference=issued.receipt_id,
        lead=_(
            "Hier leest u wat er in dit gesprek over opnemen is gevraagd, gezegd en gedaan. Bewaar dit bewijs. "
            "U kunt er later mee laten zien hoe het ging."
        ),
        facts=facts(
            (_("Gesprek"), date_and_time(receipt.call.opened_at)),
            (_("Organisatie"), Words(policy.controller.name, policy.language)),
            (_("Kenmerk van het gesprek"), receipt.call.call_id),
            (_("Kenmerk van dit bewijs"), issued.receipt_id),
            (_("Dit bewijs is van"), date_and_time(issued.issued_at)),
            (_("Spelregels"), _("versie %(version)s", version=policy.version)),
        ),
        sections=tuple(_sections(issued)),
    )


def _sections(issued: Issued) -> Iterator[Section]:
    receipt = issued.receipt
    yield Section(_("In het kort"), tuple(_in_short(receipt)))
    if receipt.refusal is not None:
        yield Section(_("Waarom u niet mocht opnemen"), tuple(_refusal(receipt, receipt.refusal)))
    if receipt.recording is not None:
        yield Section(_("Onze opname"), tuple(_recording(receipt.recording)))
    heading = _("Wat er is gevraagd, gezegd en gedaan")
    number = _(
        "Het nummer is dat van de regel in ons logboek. Aan een regel kan niemand later iets veranderen zonder dat het "
        "opvalt."
    )
    headings = (_("Nummer"), _("Wanneer"), _("Wat"))
    table = Table(heading, headings, tuple(_row(event, receipt) for event in receipt.events))
    yield Section(heading, (paragraph(number), table))
    yield Section(_("Zo controleert u dit bewijs"), tuple(_verifying(issued)))
    if receipt.copies:
        yield Section(_("Zo controleert u uw kopie van de opname"), tuple(_hashing(receipt)))
    all_rules = _("Alle spelregels van %(agency)s", agency=words(receipt.policy.name))
    link = paragraph(Words(all_rules, href=receipt.rules_url))
    yield Section(_("De spelregels"), (bullets(*own_rules()), link))
    yield Section(_("Een klacht"), (Paragraph(complaint_words(receipt.policy)),))


def _in_short(receipt: Receipt) -> Iterator[Block]:
    ours = _(OUR_RECORDING[receipt.dialogue.agency_recording])
    if receipt.recording is not None and receipt.recording.destroy_after is None:
        ours += " " + _("De opname is daarna vernietigd.")
    yield facts(
        (_("Uw opname"), _(CALLERS_RECORDING[receipt.dialogue.caller_recording])),
        (_("Onze opname"), ours),
        (_("Nog iemand bij het gesprek"), _("ja") if receipt.dialogue.third_person else _("nee")),
    )


def _refusal(receipt: Receipt, refusal: Refusal) -> Iterator[Block]:
    by_kind = _("Dit soort gesprek mag niet worden opgenomen.")
    yield paragraph(by_kind if refusal.by_kind else _("De medewerker had bezwaar tegen de opname."))
    yield facts(
        (_("Reden"), receipt.reason or _("De reden is gewist.")),
        (_("Wat u in plaats daarvan krijgt"), receipt.alternative or _("niets")),
    )


def _recording(recording: Kept) -> Iterator[Block]:
    kept_until = recording.destroy_after
    yield facts(
        (_("Duur"), duration(recording.duration_s)),
        (_("Volledig"), _("ja") if recording.is_whole else _("nee, er ontbreekt een stuk")),
        (_("Wij bewaren de opname tot"), _("niet meer") if kept_until is None else date(kept_until)),
        (_("Regel in ons logboek"), str(recording.number)),
        (_("Controlegetal (SHA-256)"), code(recording.digest)),
    )


def _row(event: Shown, receipt: Receipt) -> Row:
    told_in = str(event.entry.facts.get("language") or receipt.policy.language)
    return Row(
        number=event.entry.number,
        when=_when(event.entry.occurred_at, receipt.call.opened_at),
        what=_(EVENTS[event.entry.tag]),
        quotes=tuple(Words(text, told_in) for text in (event.said, event.answered) if text),
        note=_("Deze woorden zijn gewist.") if event.is_erased else "",
    )


def _when(at: datetime, began: datetime) -> str:
    """The day as well, where it is not that of the call."""
    same_day = at.astimezone(AMSTERDAM).date() == began.astimezone(AMSTERDAM).date()
    return to_the_second(at) if same_day else f"{date(at)}, {to_the_second(at)}"


def _verifying(issued: Issued) -> Iterator[Block]:
    yield paragraph(
        _(
            "Bij dit bewijs hoort het bestand %(name)s. Het staat op de pagina met uw bewijs, en het zit als bijlage "
            "in de PDF. Bewaar het.",
            name=file_name(issued, ".json"),
        )
    )
    yield bullets(
        _("In het bestand staat elke regel precies zo als in ons logboek, met een bewijs dat die daarin hoort."),
        _("Wij hebben het logboek ondertekend. Wij kunnen er later niets meer in veranderen zonder dat u dat merkt."),
        _("Iemand die verstand heeft van computers kan dat nagaan. Dat kan zonder ons en zonder internet."),
        _("Vergelijk de sleutel hieronder met die op een ander bewijs, of vraag ernaar bij de organisatie."),
        _("Hoe dat gaat, staat in het bestand zelf, bij how_to_verify. Deze gegevens horen daarbij:"),
    )
    yield facts(
        (_("Logboek"), code(issued.checkpoint.origin)),
        (_("Sleutel van het logboek"), code(" ".join(key.vkey() for key in issued.keys))),
        (_("Regels die zijn ondertekend"), str(issued.checkpoint.size)),
        (_("Controlegetal van die regels"), code(issued.checkpoint.root.hex())),
    )


def _hashing(receipt: Receipt) -> Iterator[Block]:
    yield paragraph(
        _(
            "Reken het controlegetal van uw bestand uit. Staat dat hieronder? Dan is er niets aan veranderd. Vul voor "
            "gesprek.wav de naam van uw bestand in."
        )
    )
    digest = _("Controlegetal van uw kopie")
    yield facts(*((f"{digest} ({made.form.upper()})", code(made.digest)) for made in receipt.copies))
    yield bullets(
        ("Windows: ", code("certutil -hashfile gesprek.wav SHA256")),
        ("macOS: ", code("shasum -a 256 gesprek.wav")),
        ("Linux: ", code("sha256sum gesprek.wav")),
    )


def own_rules() -> tuple[str, ...]:
    """What holds for whoever has a recording (R5, R6)."""
    return (
        _("De opname is voor uzelf. U mag de opname zo vaak beluisteren als u wilt."),
        _(
            "Zet de opname niet op internet en geef die niet aan anderen. Dat mag alleen als de medewerker het goed "
            "vindt. Wij geven de opname ook niet zomaar aan anderen."
        ),
        _(
            "Knip en plak niet in de opname. Doet u dat toch, zeg dat er dan bij. Wij knippen en plakken ook niet. Is "
            "de opname tijdens het gesprek onderbroken, dan is dat gezegd en hoort u stilte."
        ),
    )


def complaint_words(policy: AgencyPolicy) -> tuple[Words, ...]:
    """The way to a complaint (R7)."""
    return (
        Words(_("Bent u het ergens niet mee eens? Dan kunt u een klacht indienen bij:") + " "),
        Words(policy.complaint.where, policy.language),
        Words(". "),
        Words(_("Lees hoe u een klacht indient"), href=policy.complaint.url),
        Words(". " + _("U krijgt binnen %(days)s antwoord.", days=days(policy.complaint.term_days))),
    )


def file_name(issued: Issued, suffix: str) -> str:
    receipt = issued.receipt
    began = receipt.call.opened_at.astimezone(AMSTERDAM)
    return f"bewijs-{receipt.policy.slug}-{began:%Y-%m-%d-%H%M}{suffix}"
