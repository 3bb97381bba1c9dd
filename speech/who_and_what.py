"""PURE. Who records, what is recorded, when, and whether at all, as one clause tells it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from speech.phrases import word_class
from speech.tokens import SAID

_SELF = word_class("self")
_YOU = word_class("you")
_AGENCY = word_class("agency")
_FAMILY = word_class("family")
_STRANGERS = word_class("strangers")
_MACHINE = word_class("machine")
_PARTICIPLE = word_class("participle")
_VERBS = word_class("record_verb")
_KEEP = word_class("keep_verb")
_RECORDERS = word_class("recorder_noun")
_TALK = word_class("talk", "talks")
_TALKS = word_class("talks")
_OTHER_THING = word_class("other_thing")
_NEVER_OURS = word_class("never_ours")
_ADMISSION = word_class("admission")
_RECORD_PLACE = word_class("record_place")
_OTHER_TALK = word_class("other_talk")
_ELSEWHEN = word_class("past", "later")
_PICKUP = word_class("pickup")
_NEGATION = word_class("negation")
_MAKE = word_class("make")
_DEVICE = _MACHINE | _RECORDERS
_RECORD_OR_KEEP = _VERBS | _KEEP
_OTHER_PARTY = _YOU | _AGENCY
_TELLING = (
    word_class("self", "you", "talk", "talks", "negation", "past", "later", "run", "make", "other_thing")
    | word_class("never_ours", "admission", "record_place", "family", "machine")
    | {"dit", "alles", SAID}
)

_MINE = word_class("mine")
_PASSIVE = word_class("passive")
_PERFECT = word_class("perfect")
_PREPOSITIONS = word_class("prepositions")
_ASKING_FIRST = word_class("asking_first")
_HARMLESS_AFTER_NOT = word_class("harmless_after_not")
_HARMLESS_AFTER_NO = word_class("harmless_after_no")
_POINTING = word_class("pointing")
_DEFINITE = word_class("definite")
_CASUAL = word_class("casual") | _DEFINITE
_WISHING = word_class("wishing")
_PLAIN = word_class("plain", "record_verb", "machine")
_FINITE = word_class("finite")
_FOR_THE_RECORD = word_class("for_the_record")
_LASTING = ("vanaf het begin", "tot nu toe", "al die tijd", "de hele tijd", "vanaf nu")
_BANDS = word_class("bands")
_HEARD = word_class("heard")
_NOT_ENTERED = word_class("self", "you", "finite", "definite") | {"er", "bewijs", "geheugensteun", "geheugensteuntje"}
_TELLS = word_class("tells")
_NOT_STATED = word_class("not_stated")


class Who(StrEnum):
    CALLER = "de beller"
    FAMILY = "iemand naast de beller"
    AGENCY = "de instantie"
    OTHER = "een ander"
    NOBODY = "niet genoemd"


class What(StrEnum):
    THIS = "dit gesprek"
    WEAK = "niet genoemd"
    OTHER = "iets anders"


@dataclass(frozen=True, slots=True)
class Setting:
    """A clause among its neighbours."""

    words: tuple[str, ...]
    asked: bool
    before: tuple[str, ...]
    after: tuple[str, ...]

    def has(self, words: Iterable[str]) -> bool:
        return not set(words).isdisjoint(self.words)

    @property
    def line(self) -> str:
        return f" {' '.join(self.words)} "

    @property
    def asks(self) -> bool:
        return self.asked or self.words[0] in _ASKING_FIRST


# ---------------------------------------------------------------- who


def who_records(clause: Setting, word: str) -> Who:
    if on_own_side(clause) or (clause.has({"mij", "me"}) and clause.has({"toe", "toestaan", "toestemming"})):
        return Who.CALLER
    passive = is_passive(clause, word)
    if any(first == "door" and second in _YOU for first, second in pairwise(clause.words)):
        return Who.AGENCY
    if passive or word not in _RECORD_OR_KEEP:
        made = clause.has(_SELF) and clause.has(_MAKE)
        if not made and any(first in {"bij", "van"} and second in _YOU for first, second in pairwise(clause.words)):
            return Who.AGENCY
        if passive:
            return Who.AGENCY if clause.has(_OTHER_PARTY) else Who.NOBODY
    if word == "opneemt" and clause.has(_STRANGERS | {"er"}) and not clause.has({"hij", *_TALK}):
        return Who.OTHER
    if clause.has(_SELF) or _owned(clause.words, _MACHINE):
        return Who.CALLER
    if _owned(clause.words, _FAMILY) or (
        clause.has({"die", "zij", "hij", "ze", "dat"}) and _owned(clause.before, _FAMILY)
    ):
        return Who.FAMILY
    if clause.words[0] == "en" and clause.words[1] in _MAKE | {word}:
        if _owned(clause.before, _FAMILY):
            return Who.FAMILY  # "mijn zus luistert mee en neemt het op"
        if word == "opneemt" and not _DEVICE.isdisjoint(clause.before):
            return Who.CALLER  # "de app staat aan en neemt alles op"
    if clause.has({"hij"}) and clause.has({"nu"}):
        return Who.CALLER  # "zo nu neemt hij op": the telephone on the table
    if word in _VERBS and (clause.has({"die", "hij"}) or f" dat {word} " in clause.line) and _has_device(clause.before):
        return Who.CALLER
    if " naast mij " in clause.line:
        return Who.FAMILY
    runs_first = any(
        f" {word} {runs} " in clause.line for runs in ("loopt", "staat", "draait")
    )  # "de opname loopt vertelt u maar"
    if clause.has(_OTHER_PARTY) and not (runs_first and word not in _VERBS):
        return Who.AGENCY
    if clause.words[0] == "opneem" and clause.has({"maar"}):
        return Who.AGENCY  # "neem het maar op"
    if clause.has(_STRANGERS):
        return Who.OTHER
    return Who.CALLER if word == "opneem" else Who.NOBODY


def _has_device(words: tuple[str, ...]) -> bool:
    """ "ik heb een app", "hier ligt een dictafoon": a device on the caller's table."""
    return not (_RECORDERS - _BANDS).isdisjoint(words) or not (
        _MACHINE.isdisjoint(words) or (_SELF | _MINE).isdisjoint(words)
    )


def is_passive(clause: Setting, word: str) -> bool:
    return word in _PARTICIPLE and clause.has(_PASSIVE) and not clause.has(_PERFECT)


def on_own_side(clause: Setting) -> bool:
    """ "door mij", "van mijn kant", "door mijn telefoon": the agent of a passive or of something that runs."""
    line = clause.line
    if any(f" {mine} {side} " in line for mine in _MINE for side in ("kant", "zijde")):
        return True
    if any(f" door {me} " in line for me in ("mij", "me", "ons", "mijzelf", "mezelf")):
        return True
    return any(f" door {mine} " in line for mine in _MINE) and clause.has(_DEVICE | _FAMILY)


def _owned(words: tuple[str, ...], nouns: frozenset[str]) -> bool:
    """One of the nouns with "mijn" or "onze" just before it, as a subject rather than after "met" or "op"."""
    for at, word in enumerate(words):
        if word not in nouns:
            continue
        for back in range(1, min(at, 2) + 1):
            if words[at - back] in _MINE:
                return at - back == 0 or words[at - back - 1] not in _PREPOSITIONS
    return False


# ---------------------------------------------------------------- what


def what_is_recorded(clause: Setting, word: str) -> What:
    this = _is_this_talk(clause, word)
    words = clause.words
    for at, thing in enumerate(words):
        excepted = thing == word or (at > 0 and words[at - 1] == "geen" and thing in _HARMLESS_AFTER_NO)
        if excepted:
            continue
        apart = this and any(w in _PREPOSITIONS for w in words[max(0, at - 3) : at])  # "dit gesprek over mijn verlof"
        if thing in _NEVER_OURS or (thing in _OTHER_THING and not apart):
            return What.OTHER
        if thing in _RECORD_PLACE and "in" in words[max(0, at - 4) : at]:
            return What.OTHER
        if not this and (thing in _OTHER_TALK or thing in _ADMISSION):
            return What.OTHER
    entered = clause.after[:1] == ("als",) and _NOT_ENTERED.isdisjoint(clause.after[1:])
    if entered and not names_talk(clause):
        return What.OTHER  # "mag ik dit opnemen als verlof"
    active = word in _VERBS and not is_passive(clause, word)
    if this and not (active and not names_talk(clause) and _takes_up_with(clause)):
        return What.OTHER if active and _taken_in(clause) else What.THIS
    if _talks_elsewhere(clause) or (
        active and (_takes_up_with(clause) or _taken_in(clause) or _is_person_object(clause))
    ):
        return What.OTHER
    if word in _VERBS and _picks_up_telephone(clause):
        return What.OTHER
    return What.WEAK


def _is_this_talk(clause: Setting, word: str) -> bool:
    """The object is the talk that runs: named, pointed at, or the other party itself."""
    words = clause.words
    if SAID in words:
        return True
    if clause.has(_TALK):
        return not _talks_elsewhere(clause)
    for token, following in zip(words, (*words[1:], ""), strict=True):
        if token in {"dit", "hiervan"} and following not in _OTHER_THING and following not in _RECORD_PLACE:
            return True
    if clause.has({"alles"}) and (on_own_side(clause) or not (_DEVICE - {"telefoon"}).isdisjoint(clause.before)):
        return True
    if word in _PARTICIPLE:
        return clause.has({"u", "je", "jullie"}) and on_own_side(clause)
    listeners = ("u", "je", "jou", "jullie")
    addressed = any(second in listeners and first not in _PREPOSITIONS for first, second in pairwise(words))
    return word in _VERBS and clause.has(_SELF) and addressed


def names_talk(clause: Setting) -> bool:
    """Plain enough for words that are less than "opnemen": "vastleggen", "registreren", a passive."""
    if SAID in clause.words or clause.has(_TALK):
        return True
    return clause.has({"dit", "alles", "hiervan"}) and clause.has({"geluid", "toestel"} | _DEVICE)


def _talks_elsewhere(clause: Setting) -> bool:
    """ "het gesprek met de bedrijfsarts", "het vorige gesprek", "al haar gesprekken": another talk than this one."""
    words = clause.words
    pointed = any(this in _POINTING and talk in _TALK for this, talk in pairwise(words))
    for at, word in enumerate(words):
        if word not in _TALK:
            continue
        leading = set(words[max(0, at - 3) : at])
        if leading & {"vorige", "volgende", "ander", "andere", "eerdere", "laatste"} or words[at - 1] in {
            "haar",
            "zijn",
        }:
            return True
        if words[at - 1] in {"dat", "die"} and not (_ELSEWHEN | _OTHER_TALK).isdisjoint(clause.before):
            return True
        rest = words[at + 1 : at + 4]
        if "met" in rest and not pointed:
            company = words[at + 2 + rest.index("met") :][:2]
            if company and company[0] not in _YOU and not set(company) & _DEVICE:
                return True
    return not pointed and clause.has(_ELSEWHEN) and clause.has(_TALK)


def _takes_up_with(clause: Setting) -> bool:
    """ "dat neem ik op met mijn advocaat": to raise something with somebody; a device is no somebody."""
    if "met" not in clause.words:
        return False
    company = clause.words[clause.words.index("met") + 1 :][:3]
    return bool(company) and not set(company) & (_DEVICE | _VERBS | {"geluid", "audio"})


def _taken_in(clause: Setting) -> bool:
    """ "ik moet het even in me opnemen"."""
    return any(f" in {me} " in clause.line for me in ("mij", "me", "zich", "mezelf"))


def _is_person_object(clause: Setting) -> bool:
    """ "ik wil mijn moeder laten opnemen", "ik laat me opnemen": somebody is admitted."""
    if clause.has({"laten", "laat"}) and (clause.has({"mij", "me", "zich", "mezelf"}) or not clause.has(_DEFINITE)):
        return True
    return clause.has(_FAMILY | {"hem", "haar"}) and not _owned(clause.words, _FAMILY) and not clause.has({"het"})


def _picks_up_telephone(clause: Setting) -> bool:
    if "telefoon" not in clause.words or "aan het opnemen" in clause.line or "op opnemen" in clause.line:
        return False
    at = clause.words.index("telefoon")
    instrument = any(word in _PREPOSITIONS for word in clause.words[max(0, at - 3) : at])
    return not instrument and not _owned(clause.words[:3], _MACHINE)


# ---------------------------------------------------------------- when, and not at all


def is_elsewhen(clause: Setting, word: str, what: What) -> bool:
    perfect = word in _PARTICIPLE and clause.has(_PERFECT)
    if word == "opnam" or (clause.has({"had"}) and not clause.has({"graag"})):
        return True
    if what is What.THIS and clause.has(_TALK | {"dit", SAID}):
        now = any(cue in clause.line for cue in _LASTING) or clause.has({"graag"}) or clause.has({"dit", "ons", SAID})
        return perfect and not now
    return perfect or clause.has(_ELSEWHEN)


def is_negated(clause: Setting, who: Who) -> bool:
    words = clause.words
    for at, word in enumerate(words):
        if word not in _NEGATION or (at == 0 and word in {"nee", "neen"}):
            continue
        after = words[at + 1] if at + 1 < len(words) else ""
        harmless = (word == "niet" and after in _HARMLESS_AFTER_NOT) or (word == "geen" and after in _HARMLESS_AFTER_NO)
        if not harmless and not (word in {"niks", "niets"} and words[at + 1 : at + 3] == ("op", "tegen")):
            return True
    return who is Who.NOBODY and not _NEGATION.isdisjoint(clause.before) and words[0] in {"dat", "als"}


def also_this_time(clause: Setting, who: Who) -> bool:
    """ "ik moet alle telefoontjes opnemen" is a habit, until "dus dat doe ik nu ook" follows."""
    after = set(clause.after)
    if {"dat", "doe"} <= after and clause.has({"dit"}) and after.isdisjoint(_NEGATION | _YOU):
        return True
    return who is not Who.AGENCY and clause.has(_TALK) and ({"dat", "doe", "ik"} <= after or {"ook", "dit"} <= after)


def announces_without_object(clause: Setting, verb: str) -> bool:
    """The caller records, the object left out or only "het": it must not be the telephone, money, or taking sides.

    Any word that is not plain might be the true object, so one is enough to say no.
    """
    near = {*clause.before, *clause.after}
    if (
        not set(clause.words) <= {*_PLAIN, verb}
        or near & _PICKUP
        or near & _OTHER_THING
        or {"telefoon", "gaat"} <= near
    ):
        return False
    if clause.has(_DEFINITE) and not (_OTHER_TALK | _ELSEWHEN).isdisjoint(clause.before):
        return False
    if clause.has({"het"}) and clause.has({"voor"}) and not clause.has(_FOR_THE_RECORD):
        return False
    if verb == "opneem":
        return clause.has(_CASUAL) or _owned(clause.words, _MACHINE) or ("met" in clause.words and clause.has(_DEVICE))
    if verb == "opneemt" and clause.has(_DEVICE):
        return True
    return clause.has(_DEFINITE | _WISHING) or not clause.has(_FINITE)


def states_passive(clause: Setting) -> bool:
    """ "dit gesprek wordt opgenomen" as a statement of the caller's, not as something heard, read or asked."""
    if clause.has(_TALKS):
        return False
    if clause.words[0] == "dat":
        told = not _SELF.isdisjoint(clause.before) and not _TELLS.isdisjoint(clause.before)
        return told or "weet" in clause.before
    return _HEARD.isdisjoint(clause.before) and not clause.has(_NOT_STATED)


def witnesses(clause: Setting, word: str) -> tuple[str, ...]:
    """The words of the clause that the reading rests on, in order."""
    return tuple(w for w in clause.words if w in _TELLING or w == word)
