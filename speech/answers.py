"""PURE. What an answer to a yes-or-no question amounts to; whatever is doubtful, negated or mixed is never a yes."""

import re
from dataclasses import dataclass
from enum import StrEnum

from speech.phrases import phrase, word_class

_NEGATION = word_class("negation")
_RECORDING = word_class("record_verb", "keep_verb", "recording_noun", "recorder_noun")
_JUDGING = word_class("judging")
_CONTRADICTION = word_class("contradiction")
_ASKING = word_class("asking")
_WAVERING = word_class("wavering")
_REASONED = word_class("reasoned")
_FIRM = re.compile(
    r"klopt|zeker|inderdaad|juist|correct|bedoeling|begrepen|gehoord|verstaan|bevestig|absoluut|natuurlijk|precies"
    r"|wil ik|zei ik|gezegd"
)
_OTHER_SUBJECT = re.compile(r"(?:mijn|de|het|dit|om|van|heb|te|uw|die|dat|een|er|jullie)\b")
_WHAT_YOU_SAY = re.compile(r"wat (?:u|je|ge|ik) ")
_GRASP = word_class("grasp")
_FAILING = word_class("failing")
_AGAIN = word_class("again")
_LOST_WORDS = _GRASP | _FAILING | _AGAIN | word_class("small_talk")
_FILLERS = "|".join(word_class("filler"))
_LOST = re.compile(rf"(?:(?:{_FILLERS}) )*{phrase('lost').pattern}(?: (?:{_FILLERS}))*")
_AFFIRMING = re.compile(r"\b(?:ja|jawel|jazeker|klopt wel|toch wel)\b")


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    DOUBT = "doubt"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Answer:
    """`verdict` over the whole utterance; `firm` when the words before `rest` already say more than a bare "ja".

    `said` are the phrases that decided, `rest` what follows the answer proper.
    """

    verdict: Verdict
    firm: bool
    said: tuple[str, ...]
    rest: str


_KINDS = (("doubt", phrase("doubt")), ("no", phrase("no")), ("yes", phrase("yes")), ("soft", phrase("soft")))


def read_answer(words: tuple[str, ...], *, trails_off: bool = False) -> Answer:
    """Read answering phrases from the front, longest first, until other talk begins; then weigh them with the rest.

    `trails_off` says that a hesitation ended the utterance: "ja eh" is not yet an answer.
    """
    line = " ".join(words)
    parts, rest = _read_head(line)
    said = tuple(text for kind, text in parts if kind != "soft")
    kinds = [kind for kind, _ in parts if kind != "soft"]
    firm = any(_FIRM.search(text) is not None for kind, text in parts if kind == "yes")
    wavers = not rest and ((parts[-1:] and parts[-1][1] in _WAVERING) or (trails_off and not firm))
    verdict = _weigh(kinds, rest, firm)
    if verdict is Verdict.YES and wavers:
        verdict = Verdict.DOUBT
    return Answer(verdict, firm, said, rest)


def is_lost(line: str) -> bool:
    """Little else than somebody who did not catch the question, asks back, or needs time to think.

    Beside the phrases: a verb of hearing or grasping that is denied, or a wish to hear it again, among nothing but
    small words.
    """
    if _LOST.fullmatch(line):
        return True
    words = set(line.split())
    return words <= _LOST_WORDS and bool(words & _AGAIN or (words & _GRASP and words & _FAILING))


def _read_head(line: str) -> tuple[list[tuple[str, str]], str]:
    parts: list[tuple[str, str]] = []
    at = 0
    while at < len(line):
        best_kind, best_end = "", at
        for kind, pattern in _KINDS:
            found = pattern.match(line, at)
            if found is not None and found.end() > best_end:
                best_kind, best_end = kind, found.end()
        if not best_kind:
            break
        parts.append((best_kind, line[at:best_end]))
        at = best_end + 1
    return parts, line[at:]


def _weigh(kinds: list[str], rest: str, firm: bool) -> Verdict:
    if not kinds:
        return Verdict.NOTHING
    if "no" in kinds:
        return _weigh_no(kinds, rest)
    if "doubt" in kinds:
        return Verdict.DOUBT
    return Verdict.YES if not rest or _supports_yes(rest, firm) else Verdict.DOUBT


def _weigh_no(kinds: list[str], rest: str) -> Verdict:
    """A no stands when nothing after it takes it back; "ja eh nee dat klopt niet" is one, "ja en nee" is none."""
    last_yes = max((at for at, kind in enumerate(kinds) if kind == "yes"), default=-1)
    noes_after = sum(kind == "no" for kind in kinds[last_yes + 1 :])
    asked = (rest.split(" ", 1)[0] in _ASKING and not _WHAT_YOU_SAY.match(rest)) or kinds[-1] == "doubt"
    if _AFFIRMING.search(rest) or asked or noes_after == 0:
        return Verdict.DOUBT
    if last_yes >= 0 and noes_after == 1 and len(kinds) - last_yes == 2 and kinds.count("no") == 1:
        return Verdict.DOUBT
    return Verdict.NO


def _supports_yes(rest: str, firm: bool) -> bool:
    """What follows a yes must give its reason or say the wish again; a negation may only stand inside a reason."""
    words = set(rest.split())
    reasoned = phrase("reason").fullmatch(rest) is not None
    if words & _CONTRADICTION or words & _ASKING or (_OTHER_SUBJECT.match(rest) and not reasoned):
        return False
    for part in rest.split(" en "):
        spoken = set(part.split())
        if spoken & _NEGATION and (spoken & _RECORDING or spoken & _JUDGING or not words & _REASONED):
            return False
    return firm or reasoned
