"""The check of one call: what was looked at and what was found, in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass

from babel.numbers import format_decimal

from ivr.calls.proving import Proof, SoundState
from ivr.web.console.call_words import NOTHING_LEFT, OUTCOMES, PROBLEMS, SEALS, SOUNDS
from ivr.web.formats import duration, size
from ivr.web.language import gettext, language, ngettext
from storage.consent_log.call_verifier import CallFault, CallVerdict, Seal

MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked. `kind` is a badge's: good, warning or fault, which `mark` says in a word."""

    name: str
    kind: str
    mark: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of one check."""

    proof: Proof
    summary: str
    kind: str
    findings: tuple[Finding, ...]


def report_of(proof: Proof) -> Report:
    text, kind = OUTCOMES[proof.outcome]
    return Report(proof, gettext(text), kind, tuple(_findings(proof)))


def _findings(proof: Proof) -> Iterator[Finding]:
    log = proof.log
    if log.faults:
        yield _finding(gettext("Regels"), "fault", *_faults(log))
    else:
        yield _finding(gettext("Regels"), "good", *_whole(log))
    sealed = {Seal.GOOD: "good", Seal.NONE: "warning"}.get(log.seal, "fault")
    of = 0 if log.checkpoint is None else log.checkpoint.size
    yield _finding(gettext("IJkpunt"), sealed, gettext(SEALS[log.seal], size=of))
    if log.checkpoint is not None:
        yield _finding(gettext("Handtekening"), "warning" if log.waiting else "good", *_signed(log))
    sound = proof.sound
    told = [gettext(SOUNDS[sound.state])]
    if sound.recording is not None and sound.state is SoundState.WHOLE:
        length_s = sound.recording.samples / sound.recording.sample_rate_hz
        told.append(
            gettext(
                "Wij lazen %(size)s, goed voor %(length)s geluid. Dat duurde %(took)s s.",
                size=size(sound.recording.size_bytes),
                length=duration(length_s),
                took=format_decimal(max(0.1, sound.took_s), "0.0", locale=language()),
            )
        )
    state = "good" if sound.state in (SoundState.NONE, SoundState.WHOLE) else "fault"
    yield _finding(gettext("Opname"), state, *told)


def _finding(name: str, kind: str, *sentences: str) -> Finding:
    mark = {"good": gettext("klopt"), "warning": gettext("nog niet bewezen"), "fault": gettext("klopt niet")}[kind]
    return Finding(name, kind, mark, sentences)


def _whole(log: CallVerdict) -> Iterator[str]:
    yield ngettext(
        "De ene regel van dit gesprek is zoals hij is opgeschreven.",
        "Alle %(count)s regels van dit gesprek zijn zoals zij zijn opgeschreven, en volgen op elkaar.",
        log.entries,
    )
    if log.personal:
        yield ngettext(
            "%(count)s bewaard woord of bewaarde naam is niet gewijzigd.",
            "%(count)s bewaarde woorden en namen zijn niet gewijzigd.",
            log.personal,
        )
    if log.erased:
        yield ngettext(
            "%(count)s woord of naam is gewist. Dat mag: de regel zelf staat er nog.",
            "%(count)s woorden en namen zijn gewist. Dat mag: de regels zelf staan er nog.",
            log.erased,
        )


def _signed(log: CallVerdict) -> Iterator[str]:
    yield ngettext(
        "%(count)s regel hoort aantoonbaar bij wat is ondertekend.",
        "%(count)s regels horen aantoonbaar bij wat is ondertekend.",
        log.included,
    )
    if log.waiting:
        yield ngettext(
            "%(count)s regel is nieuwer dan het ijkpunt. Die wordt bij het volgende ijkpunt verzegeld.",
            "%(count)s regels zijn nieuwer dan het ijkpunt. Die worden bij het volgende ijkpunt verzegeld.",
            log.waiting,
        )


def _faults(log: CallVerdict) -> Iterator[str]:
    for fault in log.faults[:MOST_FAULTS]:
        yield _fault(fault)
    more = len(log.faults) - MOST_FAULTS
    if more > 0:
        yield ngettext("En nog %(count)s fout.", "En nog %(count)s fouten.", more)


def _fault(fault: CallFault) -> str:
    if fault.number is None:
        return gettext(NOTHING_LEFT)
    return gettext("Regel %(number)s %(problem)s", number=fault.number, problem=gettext(PROBLEMS[fault.problem]))
