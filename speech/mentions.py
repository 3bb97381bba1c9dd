"""PURE. Every mention of a recording in an utterance, read clause by clause: who records, what, when, or not at all.

Dutch "opnemen" also means to pick up, to take (leave, money), to admit (to hospital), to include (in a file), to
measure, to raise (with somebody), to take sides. The object decides: with one of those it is not about a recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from speech.clauses import Clause
from speech.phrases import word_class
from speech.tokens import SAID
from speech.who_and_what import (
    Setting,
    What,
    Who,
    also_this_time,
    announces_without_object,
    is_elsewhen,
    is_negated,
    is_passive,
    names_talk,
    on_own_side,
    states_passive,
    what_is_recorded,
    who_records,
    witnesses,
)

_YOU = word_class("you")
_MACHINE = word_class("machine")
_VERBS = word_class("record_verb")
_KEEP = word_class("keep_verb")
_KEEP_DOWN = frozenset({"vastleg", "vastleggen"})
_NOUNS = word_class("recording_noun")
_RECORDERS = word_class("recorder_noun")
_TALK = word_class("talk", "talks")
_NEVER_OURS = word_class("never_ours")
_ADMISSION = word_class("admission")
_FAMILY = word_class("family")
_AGREEMENT = word_class("agreement")
_OTHER_TALK = word_class("other_talk")
_RUN = word_class("run")
_MAKE = word_class("make")
_WANT = word_class("want")
_COPYING = word_class("get", "give", "copy") | {"uw", "jullie"}
_PLACED = _MAKE | word_class("place")

_FINITE = word_class("finite")
_AFTER_AAN = word_class("after_aan")
_BANDS = word_class("bands")
_BAND_RUNS = word_class("band_runs")
_HANDY = word_class("handy")
_ON = frozenset({"aan", "aanzetten", "aangezet", "opzetten", "opgezet"})
_BUTTONS = word_class("buttons")
_HEARD = word_class("heard")


@dataclass(frozen=True, slots=True)
class Mention:
    """One clause's word for recording and how the clause reads; `words` are the words that gave the reading.

    `announces` is the verdict: the caller's side records this call now, or wants to.
    """

    word: str
    clause: int
    who: Who
    what: What
    elsewhen: bool
    negated: bool
    announces: bool
    words: tuple[str, ...]


def find_mentions(clauses: Sequence[Clause]) -> tuple[Mention, ...]:
    """All mentions in order; a clause gives at most one each for its verb, its noun and its device."""
    found: list[Mention] = []
    for number, clause in enumerate(clauses):
        before = clauses[number - 1].words if number else ()
        after = clauses[number + 1].words if number + 1 < len(clauses) else ()
        setting = Setting(clause.words, clause.asked, before, after)
        found += _read_verb(setting, number) + _read_noun(setting, number) + _read_recorder(setting, number)
    return tuple(found)


# ---------------------------------------------------------------- the three ways to mention it


def _read_verb(clause: Setting, number: int) -> list[Mention]:
    verb = _find_verb(clause.words)
    if verb is None:
        return []
    who, what = who_records(clause, verb), what_is_recorded(clause, verb)
    elsewhen, negated = is_elsewhen(clause, verb, what), is_negated(clause, who)
    announces = not negated and (
        also_this_time(clause, who)
        or (not elsewhen and what is not What.OTHER and _verb_announces(clause, verb, who, what))
    )
    return [Mention(verb, number, who, what, elsewhen, negated, announces, witnesses(clause, verb))]


def _verb_announces(clause: Setting, verb: str, who: Who, what: What) -> bool:
    if verb in _KEEP:
        named = names_talk(clause) or (verb in _KEEP_DOWN and announces_without_object(clause, verb))
        return what is What.THIS and who in {Who.CALLER, Who.FAMILY} and named
    if who is Who.CALLER:
        return what is What.THIS or announces_without_object(clause, verb)
    if who is Who.FAMILY:
        weak = clause.has({"het", "mee"}) and not clause.has({"voor", "tegen"})
        return (what is What.THIS or weak) and (not clause.has({"alles"}) or SAID in clause.words)
    if who is not Who.NOBODY or what is not What.THIS or clause.asks or clause.words[0] in {"als", "of"}:
        return False
    if is_passive(clause, verb):
        permitted = clause.words[0] in {"mag", "kan", "zou"} and clause.has({"worden"})
        return permitted or states_passive(clause)
    wished = clause.has(_HANDY) or _FINITE.isdisjoint(clause.words[: clause.words.index(verb) + 2])
    return verb != "opneemt" and wished


def _read_noun(clause: Setting, number: int) -> list[Mention]:
    noun = next((word for word in clause.words if word in _NOUNS), None)
    if noun is None:
        return []
    who, what = who_records(clause, noun), what_is_recorded(clause, noun)
    admitted = clause.has(_ADMISSION) or _after_admission(clause, noun) or _of_family(clause, noun)
    if not names_talk(clause) and admitted:
        what = What.OTHER
    elsewhen, negated = is_elsewhen(clause, noun, what), is_negated(clause, who)
    announces = not elsewhen and not negated and what is not What.OTHER and _noun_announces(clause, noun, who, what)
    return [Mention(noun, number, who, what, elsewhen, negated, announces, witnesses(clause, noun))]


def _after_admission(clause: Setting, noun: str) -> bool:
    """ "na mijn opname", "tijdens de opname": a stay in hospital."""
    at = clause.words.index(noun)
    return not {"na", "tijdens", "sinds"}.isdisjoint(clause.words[max(0, at - 2) : at])


def _of_family(clause: Setting, noun: str) -> bool:
    """ "de opname van mijn broer"."""
    at = clause.words.index(noun)
    return clause.words[at + 1 : at + 2] == ("van",) and not _FAMILY.isdisjoint(clause.words[at + 2 : at + 4])


def _noun_announces(clause: Setting, noun: str, who: Who, what: What) -> bool:
    this = what is What.THIS
    runs, makes = _runs(clause), clause.has(_MAKE)
    if any(f" {fuss} " in clause.line for fuss in ("bezwaar maken", "maak bezwaar", "maak me", "maak mij")):
        return False
    if who is Who.AGENCY:  # "heeft u bezwaar tegen een opname"
        return clause.has(_AGREEMENT) and not clause.has({"mijn", "moet", "moeten"}) and f" een {noun} " in clause.line
    if noun in {"audio", "geluid", "memo"} and not this:
        return False
    if "heb" in clause.words and not runs and not (makes and this):
        return False  # "ik heb een opname": one that exists already
    if who is Who.CALLER:
        alone = clause.words[-2:] in {("een", "geluidsopname"), ("een", "recording")}
        wants = clause.has(_WANT) and not clause.has(_COPYING) and (this or alone)
        interrupted = (
            this and not _MAKE.isdisjoint(clause.before) and not clause.has(_COPYING)
        )  # "ik maak, zoals ik schreef, een opname"
        return runs or makes or wants or interrupted or on_own_side(clause)
    if who is Who.FAMILY:
        return runs or makes
    stated = not clause.asks and clause.words[0] not in _RUN
    return who is Who.NOBODY and stated and (runs or (makes and this and not clause.has({"gemaakt"})))


def _read_recorder(clause: Setting, number: int) -> list[Mention]:
    device = next((word for word in clause.words if word in _RECORDERS), None) or _button_pressed(clause.words)
    if device is None and clause.has({"meelopen", "meeloopt"}):
        device = next((word for word in clause.words if word in _MACHINE), None)
    if device is None:
        return []
    who = who_records(clause, device)
    if device in _BANDS:
        told = clause.has(_HEARD - {"staat", "hoor"}) or " ik hoor " in clause.line
        placed = not told and any(f" op {article}{device} " in clause.line for article in ("", "een ", "de "))
        if placed and clause.has({"staat", "sta", "komt"}) and clause.has(_YOU | _TALK | {"dit", "alles", SAID}):
            who = Who.CALLER  # "u staat op band", "dit komt op band"
        runs = (placed and who is Who.CALLER) or clause.has(_BAND_RUNS) or clause.words[-1] in _ON
    elif device in _BUTTONS:
        runs = not clause.has(_ADMISSION | {"recht", "kans"})  # "recht op opname"
    else:
        continued = not {"die", "hij", "dat"}.isdisjoint(clause.after[:2]) and not (_RUN | {"opneemt"}).isdisjoint(
            clause.after
        )
        onto = any(
            f" {on} {article} {device} " in clause.line for on in ("op", "met") for article in ("een", "de", "mijn")
        )
        runs = continued or onto or _runs(clause) or clause.has(_PLACED)
    elsewhen, negated = is_elsewhen(clause, device, What.WEAK), is_negated(clause, who)
    ours = who in {Who.CALLER, Who.FAMILY} or (who is Who.NOBODY and not clause.asks)
    announces = runs and ours and not elsewhen and not negated and not clause.has(_OTHER_TALK)
    return [Mention(device, number, who, What.WEAK, elsewhen, negated, announces, witnesses(clause, device))]


def _runs(clause: Setting) -> bool:
    """The device or recording is on; "aan" before an article is a preposition ("aan de opname komen")."""
    following = (*clause.words[1:], "")
    return any(
        word in _RUN and not (word == "aan" and after in _AFTER_AAN)
        for word, after in zip(clause.words, following, strict=True)
    )


def _button_pressed(words: tuple[str, ...]) -> str | None:
    """ "op opnemen", "op record": a device that is set to record."""
    return next((second for first, second in pairwise(words) if first == "op" and second in _BUTTONS), None)


def _find_verb(words: tuple[str, ...]) -> str | None:
    for word in words:
        if word in _VERBS or word in _KEEP:
            return word
    # A recogniser writes "opname" for "opnemen"; the noun would have an article or a preposition before it.
    for first, second in pairwise(words):
        if second == "opname" and (first in _TALK or first in _NEVER_OURS or first in {"dit", "dagen"}):
            return second
    return None
