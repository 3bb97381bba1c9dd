"""PURE. What a caller means by an utterance, given what the dialogue waits for; each answer comes with its reasons.

Two readers that know different things: rules, which are exact and narrow, and a linear model, which has read thousands
of sentences. Where they agree little is asked of the model; alone it must be surer. The figures stand in
docs/adr/0009-rules-and-a-model.md.

Never a yes out of anything unclear, negated or cut short: in doubt the answer is `unclear` and the bot asks again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from speech.answers import Answer, Verdict, is_lost, read_answer
from speech.clauses import Clause, split_clauses
from speech.intent_model import IntentModel, Judgement, intent_model
from speech.mentions import Mention, find_mentions
from speech.phrases import phrase, word_class
from speech.tokens import Utterance, join_particles, read_utterance
from speech.who_and_what import What, Who


class Label(StrEnum):
    REQUEST = "request"
    NONE = "none"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    STOP = "stop"
    COPY = "copy"


class Expecting(StrEnum):
    """What the dialogue waits for: an announcement, an answer, a withdrawal, or the answer to the offer of a copy."""

    LISTENING = "listening"
    CONFIRMING = "confirming"
    RECORDING = "recording"
    AFTER = "after"


WISHES = (Label.REQUEST, Label.STOP, Label.COPY)
ANSWERS = (Label.YES, Label.NO)
ANSWERING = frozenset({Expecting.CONFIRMING, Expecting.AFTER})
"""The bot has asked something: every utterance may be the answer, and is waited for until the caller has finished."""


@dataclass(frozen=True, slots=True)
class Intent:
    """`confidence` is 0..1 for the label; `evidence` names the rule and the words, in Dutch, empty only for `none`."""

    label: Label
    confidence: float
    evidence: tuple[str, ...]


_ENDING = word_class("ending")
_OFF = word_class("off")
_SWITCH = word_class("switch")
_RECORDING = word_class("record_verb", "recording_noun", "recorder_noun", "sound_file") | {"opnemen"}
_NEGATION = word_class("negation")
_NO_WORDS = frozenset({"nee", "neen"})
_COPY = word_class("copy")
_GET = word_class("get")
_GIVE = word_class("give")
_WANT = word_class("want")
_YOU = word_class("you")
_SELF = word_class("self")
_ADMISSION = word_class("admission")
_TALK = word_class("talk")
_UNWILLING = frozenset({"wil", "wou", "wilde", "wens", "liever", "graag"})
_WHY = frozenset({"waarom", "wanneer", "wie"})
_FURTHER = word_class("further")
_POINTING_BACK = word_class("pointing_back")
_LISTEN = word_class("listen")
_OWNED = word_class("owned")
_SWITCHED_OFF = word_class("switched_off")
_OFFERED = word_class("offered")
_FILE = word_class("sound_file")
_NOUNS = word_class("recording_noun", "sound_file") | {"bandje", "band"}

_AFFIRMS = word_class("affirming")
_CONTRADICTION = word_class("contradiction")
_REASONED = word_class("reasoned")
_LETTERS = re.compile("[a-z]")
_AFFIRMS_WITHIN = re.compile("|".join(sorted(word_class("affirming_stems"))))
_RECORDS = re.compile("|".join(sorted(word_class("record_stems"))))
_DEVICES = re.compile("|".join(sorted(word_class("device_stems"))))

_SURE, _LIKELY, _POSSIBLE = 0.95, 0.85, 0.7
_MENDED_COST = 0.05
NOTHING = Intent(Label.NONE, _LIKELY, ())
"""What most of what is said means to us."""

_OFFERED_A_COPY = frozenset({Expecting.RECORDING, Expecting.AFTER})
_BRIEF_WORDS = 6
_BARE_WORDS = 4
_NEAR_WORDS = 4
_SAID_AGAIN = ("ik wil ", "ik neem ", "ik ga ", "ik maak ", "ik doe ", "ik hoef ", "ik ben ", "opnemen", "ik opnemen")
_REASON = ("want ", "omdat ", "om ", "als bewijs", "voor ", "ik wil", "ik neem")
_TAKEN_BACK = phrase("taken_back")
_FIRM_START = re.compile(r"(?:(?:ja|nou|oh) )*(?:jazeker|zeker|inderdaad|(?:dat |het )?klopt)\b")
_NO_START = re.compile(r"(?:(?:nou|sorry|ja|oh|bah) )*(?:nee|neen|no|nope)\b")


def classify(text: str, expecting: Expecting | None = None) -> Intent:
    """The intent of one utterance; without `expecting` any label may come out.

    Takes any text: other languages, control characters and texts of any length give `none` or `unclear`.
    """
    return weigh(text, expecting, intent_model())


def weigh(text: str, expecting: Expecting | None, model: IntentModel) -> Intent:
    """As `classify`, with a model of one's own."""
    utterance = read_utterance(text)
    words = join_particles(utterance.words)
    clauses = split_clauses(words)
    mentions = find_mentions(clauses)
    intent = _decide(utterance, clauses, mentions, expecting)
    if utterance.words and utterance.whole:
        heard = _Heard(utterance, words, mentions, expecting, model.judge(words))
        intent = _agree(intent, heard)
        if intent.label is Label.YES:
            intent = _without_other_talk(intent, heard, model)
    if utterance.mended and intent.label is not Label.NONE:
        mended = tuple(f"hersteld: {repair}" for repair in utterance.mended)
        return Intent(intent.label, round(intent.confidence - _MENDED_COST, 2), intent.evidence + mended)
    return intent


def names_recording(word: str) -> bool:
    """Whether the word, also a mangled one, may tell of a recording."""
    return word in _TALK or _RECORDS.search(word) is not None


# ---------------------------------------------------------------- the rules and the model together


@dataclass(frozen=True, slots=True)
class _Heard:
    """An utterance, its `words` with split verbs joined, and what the model makes of it."""

    utterance: Utterance
    words: tuple[str, ...]
    mentions: tuple[Mention, ...]
    expecting: Expecting | None
    judged: Judgement

    @property
    def letters(self) -> str:
        """Without spaces, since a recogniser splits words."""
        return "".join(self.words)


@dataclass(frozen=True, slots=True)
class _Needed:
    """The probability that the model must give a label: on its own, and where the rules say the same."""

    alone: float
    together: float


_NEEDED = {
    Label.REQUEST: _Needed(0.5, 0.2),
    Label.STOP: _Needed(0.3, 0.1),
    Label.COPY: _Needed(0.3, 0.2),
    Label.YES: _Needed(0.5, 0.1),
    Label.NO: _Needed(0.4, 0.1),
    Label.UNCLEAR: _Needed(0.6, 0.0),
}
_KNOWN_TO_RUN = 0.03
"""What a stop needs where the rules read one while a recording runs, which the model does not know."""

_IN_DOUBT = 0.8
"""What a request needs where the rules see a reason against it."""

_ALREADY_A_YES = 0.2
_SAME_AGAIN = 0.5
_SHARED = 0.05
_RULES_COUNT = 0.3
_OTHER_TALK = 0.75
_TALK_WORDS = 3
_LEAST_SAID = 2


def _agree(ruled: Intent, heard: _Heard) -> Intent:
    expecting = heard.expecting
    possible: tuple[Label, ...] = WISHES
    otherwise = NOTHING
    if expecting is None:
        possible = (*WISHES, *ANSWERS, Label.UNCLEAR)
    elif expecting in ANSWERING:
        unclear = ruled if ruled.label is Label.UNCLEAR else _unclear("geen helder antwoord", *ruled.evidence[1:])
        possible, otherwise = (*WISHES, *ANSWERS), unclear
    likely = _by_state(heard)
    if ruled.label is Label.YES and likely[Label.YES] + likely[Label.REQUEST] > _SAME_AGAIN:
        return ruled  # "ja ik neem het op" says the wish again
    barred = _barred(heard)
    passed = [label for label in possible if _passes(label, ruled, likely[label], barred, heard)]
    if not passed:
        return otherwise
    best = max(passed, key=lambda label: likely[label] + _RULES_COUNT * (ruled.label is label))
    if ruled.label is best:
        return ruled
    evidence = (f"model: {likely[best]:.2f}", *(f"woorden: {words}" for words in heard.judged.telling(best)))
    return Intent(best, round(likely[best], 2), evidence)


def _by_state(heard: _Heard) -> dict[str, float]:
    """The model's probabilities, where the state makes an announcement mean something else.

    After "klopt dat?" a yes that says the wish again is a yes; while a recording runs or has run nobody announces it
    anew, and what sounds like that is about ending it or having it.
    """
    likely = dict(heard.judged.probabilities)
    affirmed = heard.words[0] in _AFFIRMS and _CONTRADICTION.isdisjoint(heard.words)
    asked = heard.expecting is Expecting.CONFIRMING
    if affirmed and (asked or (heard.expecting is None and likely[Label.YES] > _ALREADY_A_YES)):
        likely[Label.YES] += likely.pop(Label.REQUEST)
    elif heard.expecting in _OFFERED_A_COPY:
        gains = max(Label.STOP, Label.COPY, key=lambda label: likely[label])
        if likely[gains] > _SHARED:
            likely[gains] += likely.pop(Label.REQUEST)
    return {Label.REQUEST: 0.0, **likely}


def _barred(heard: _Heard) -> frozenset[Label]:
    """What the model may not say on its own, however sure: it weighs words, and some words decide."""
    words, letters = heard.words, heard.letters
    barred = set[Label]()
    if _LETTERS.search(letters) is None:
        barred |= {*WISHES, *ANSWERS, Label.UNCLEAR}
    spoken = heard.utterance.words  # in `words` a "nee" may have been joined to an "op"
    denied = not _NEGATION.isdisjoint(spoken)
    before_reason = takewhile(lambda word: word not in _REASONED, spoken)
    affirmed = not _AFFIRMS.isdisjoint(words) or _AFFIRMS_WITHIN.search(letters) is not None
    doubted = not _NO_WORDS.isdisjoint(spoken) or not _NEGATION.isdisjoint(before_reason)
    if doubted or "?" in words or heard.utterance.trails_off or not affirmed:
        barred.add(Label.YES)
    if denied or heard.expecting is Expecting.LISTENING:
        barred.add(Label.STOP)
    if len(words) < _LEAST_SAID or _takes_back(words) or (denied and heard.expecting is Expecting.CONFIRMING):
        barred.add(Label.REQUEST)
    if _RECORDS.search(letters) is None and _DEVICES.search(letters) is None:
        barred |= {Label.REQUEST} if heard.expecting in _OFFERED_A_COPY else {Label.REQUEST, Label.COPY}
    return frozenset(barred)


def _passes(label: Label, ruled: Intent, likely: float, barred: frozenset[Label], heard: _Heard) -> bool:
    needed = _NEEDED[label]
    if ruled.label is label:
        runs = label is Label.STOP and heard.expecting is Expecting.RECORDING
        return likely > (_KNOWN_TO_RUN if runs else needed.together)
    return likely > (_IN_DOUBT if label is Label.REQUEST and _in_doubt(heard) else needed.alone) and label not in barred


def _in_doubt(heard: _Heard) -> bool:
    """The rules read another time than now, or only a device is named and no recording."""
    elsewhen = any(mention.elsewhen for mention in heard.mentions)
    return elsewhen or _RECORDS.search(heard.letters) is None


def _without_other_talk(yes: Intent, heard: _Heard, model: IntentModel) -> Intent:
    """ "ja dat klopt ik woon daar sinds maart" answers somebody else: what follows the yes must not be other talk."""
    utterance = heard.utterance
    rest = read_answer(_spoken(utterance), trails_off=utterance.trails_off).rest.split()
    if len(rest) < _TALK_WORDS or rest[0] in _REASONED:
        return yes
    if model.judge(join_particles(rest)).probabilities[Label.NONE] < _OTHER_TALK:
        return yes
    return NOTHING if heard.expecting is None else _unclear("na het ja over iets anders", " ".join(rest))


def _takes_back(words: Sequence[str]) -> bool:
    """ "ik zou het opnemen maar dat doe ik niet": a wish is named, and then it is none."""
    return _TAKEN_BACK.search(" ".join(words)) is not None


def _spoken(utterance: Utterance) -> tuple[str, ...]:
    return tuple(word for word in utterance.words if word != ".")


# ---------------------------------------------------------------- the rules


def _decide(
    utterance: Utterance, clauses: Sequence[Clause], mentions: Sequence[Mention], expecting: Expecting | None
) -> Intent:
    if not utterance.words:
        wanted = utterance.heard and expecting in {None, *ANSWERING}
        return _unclear("alleen een aarzeling") if wanted else NOTHING
    spoken = _find_stop(clauses, mentions, expecting) or _find_copy(clauses, mentions, expecting)
    taken_back = any(_takes_back(clause.words) for clause in clauses)
    announced = next((mention for mention in mentions if mention.announces and not taken_back), None)
    request = _request(announced) if announced is not None else None
    if expecting in {Expecting.LISTENING, Expecting.RECORDING}:
        return spoken or request or NOTHING
    answer = read_answer(_spoken(utterance), trails_off=utterance.trails_off)
    if not utterance.whole:
        return spoken or request or (_unclear("te lang om heel te lezen") if expecting else NOTHING)
    if expecting is None:
        return _any_label(utterance, answer, spoken, request)
    if expecting is Expecting.AFTER and request is not None:
        return spoken or request
    return _answer_expected(answer, spoken, request, mentions)


def _answer_expected(
    answer: Answer, spoken: Intent | None, request: Intent | None, mentions: Sequence[Mention]
) -> Intent:
    if spoken is not None:
        return spoken
    match answer.verdict:
        case Verdict.YES:
            return _yes(answer)
        case Verdict.NO:
            return _unclear("nee, maar ook een wens om op te nemen", *answer.said) if request else _no(answer.said)
        case Verdict.DOUBT:
            return _unclear("geen helder antwoord", *answer.said)
        case Verdict.NOTHING:
            if request is not None:
                return request
            refused = next(
                (m for m in mentions if m.negated and m.who is not Who.AGENCY and m.what is not What.OTHER), None
            )
            return _no(refused.words) if refused is not None else _unclear("geen antwoord op de vraag")


def _any_label(utterance: Utterance, answer: Answer, spoken: Intent | None, request: Intent | None) -> Intent:
    """Nobody said what was asked: an answer counts only when the utterance is little else than an answer."""
    line = " ".join(word for word in utterance.words if word not in {".", "?"})
    if spoken is not None:
        return spoken
    said_again = (
        answer.rest.startswith(_SAID_AGAIN) and line.startswith("ja") and len(utterance.words) <= _BRIEF_WORDS + 4
    )
    reason = request is None and answer.rest.startswith(_REASON)
    sure = (answer.firm and request is None) or _FIRM_START.match(line) is not None
    if answer.verdict is Verdict.YES and (not answer.rest or said_again or reason or sure):
        return _yes(answer)
    if request is not None:
        return request
    alone = not answer.rest and (not line.startswith(_SAID_AGAIN) or len(utterance.words) <= _BARE_WORDS)
    denied = "aan het opnemen" in line  # answers whether it runs, not whether it is wanted
    if answer.verdict is Verdict.NO and not denied and (alone or _NO_START.match(line)):
        return _no(answer.said)
    if is_lost(line):
        return _unclear("de vraag kwam niet over", line)
    if answer.verdict is Verdict.DOUBT and answer.rest in {"", "?"}:
        return _unclear("geen helder antwoord", *answer.said)
    return NOTHING


# ---------------------------------------------------------------- stop and copy


def _find_stop(clauses: Sequence[Clause], mentions: Sequence[Mention], expecting: Expecting | None) -> Intent | None:
    for number, clause in enumerate(clauses):
        about = [mention for mention in mentions if mention.clause == number]
        before = set(clauses[number - 1].words) if number else set()
        rule = _stop_rule(clause.words, before, about, expecting is Expecting.RECORDING, bool(mentions))
        if rule is not None:
            return _stop(clause, rule)
    return None


def _stop_rule(
    clause: tuple[str, ...], before: set[str], about: Sequence[Mention], running: bool, elsewhere: bool
) -> str | None:
    """Why this clause ends a recording, or None; `elsewhere`: the utterance mentions one, `running`: one runs."""
    words = set(clause)
    elsewhere_or_when = any(m.what is What.OTHER or (m.elsewhen and "genoeg" not in words) for m in about)
    if elsewhere_or_when or (words & _ADMISSION and not about) or words & _WHY:
        return None
    if about and all(m.who is Who.OTHER for m in about):
        return None
    negated = bool(words & _NEGATION) or (clause[0] == "dat" and bool(before & _NEGATION))
    stays = negated and not words & _FURTHER and _is_near_negation(clause)
    ended = _ends_something(clause)
    if (words & _RECORDING or about) and ended and not stays:
        return "de opname moet eindigen"
    spared = words & {"hoef", "hoeft", "hoeven", "mag"}
    sides = (
        {"het"} <= words and words & {"voor", "tegen"} and all(m.what is What.WEAK for m in about)
    )  # "het opnemen voor"
    if (
        about
        and clause[0] not in {"als", "of"}
        and negated
        and not stays
        and not sides
        and all(m.who in {Who.CALLER, Who.NOBODY} or spared for m in about)
    ):
        return "niet verder opnemen"
    pressed = clause[-2:] == ("op", "stop")
    if pressed or (elsewhere and words & {"hem", "hij"} and words & _SWITCHED_OFF):
        return "het toestel gaat uit"
    if running and ended and not stays and len(clause) <= _BRIEF_WORDS:
        return "stop, terwijl de opname loopt"
    if running and not ended and (words | before) & _UNWILLING and any(m.negated for m in about):
        return "geen opname, terwijl die loopt"
    return None


def _is_near_negation(clause: tuple[str, ...]) -> bool:
    """ "stop nog niet" and "ik wil niet dat die stopt", but not "dit hoeft er niet op zet de opname maar uit"."""
    negations = [at for at, word in enumerate(clause) if word in _NEGATION]
    endings = [at for at, word in enumerate(clause) if word in _ENDING or word in _OFF]
    return not negations or not endings or any(abs(n - e) <= _NEAR_WORDS for n in negations for e in endings)


def _ends_something(clause: tuple[str, ...]) -> bool:
    words = set(clause)
    if words & _ENDING or (words & _OFF and (words & _SWITCH or not _OFF.isdisjoint(clause[-2:]))):
        return True
    if (
        "genoeg" in words
        or "klaar met" in " ".join(clause)
        or (clause[-1] == "klaar" and (words & {"is", "ben"} or len(clause) <= _BARE_WORDS))
    ):
        return True
    return ("trek" in words and clause[-1] == "in") or bool("laat" in words and words & {"zitten", "verder"})


def _find_copy(clauses: Sequence[Clause], mentions: Sequence[Mention], expecting: Expecting | None) -> Intent | None:
    every = {word for clause in clauses for word in clause.words}
    if (every & _ADMISSION and not every & _YOU) or any(m.what is What.OTHER for m in mentions):
        return None
    if any(m.announces for m in mentions) and not every & _COPY:
        return None
    theirs = any(m.who is Who.AGENCY and not m.negated for m in mentions)
    for number, clause in enumerate(clauses):
        words = set(clause.words)
        told_on = clauses[number + 1].words if number + 1 < len(clauses) else ("",)
        if told_on[0] in {"die", "dat"}:
            words.update(told_on)  # "ik wil de opname die u maakt opvragen"
        offered = expecting is Expecting.AFTER and words & (_COPY | _OFFERED)
        named = words & (_NOUNS if words & _OWNED else _NOUNS - {"band", "bandje"}) or (
            every & _NOUNS and words & _POINTING_BACK
        )
        copied = words & _COPY and (words & _TALK or mentions)
        heard = theirs and words & _WANT and words & (_LISTEN | _POINTING_BACK | {"dat", "dit"})
        if (
            (named or heard or copied or offered)
            and not words & _NEGATION
            and (offered or _wants_copy(words, every, " ".join(clause.words)))
        ):
            telling = [word for word in clause.words if word in _COPY | _GET | _GIVE | _NOUNS | _YOU]
            evidence = ("regel: de beller wil de opname van de instantie", "woorden: " + " ".join(telling))
            return Intent(Label.COPY, _SURE if words & _NOUNS else _LIKELY, evidence)
    return None


def _wants_copy(words: set[str], every: set[str], line: str) -> bool:
    """The caller gets or the agency gives; a caller who offers their own recording wants no copy."""
    to_me, copies = words & {"mij", "me", "ons"}, words & _COPY
    mine = any(f"mijn {noun}" in line for noun in _NOUNS) and words & _YOU
    if not to_me and not copies and (mine or (words & _SELF and words & _GIVE and not words & _GET)):
        return False
    gets = (words & _GET or {"kom", "aan"} <= words) and words & (_WANT | {"krijg", "hoe", "waar", "stuur", "verzoek"})
    given = words & (_GIVE | {"doe"} if to_me else _GIVE) and (
        to_me or "naar mijn mail" in line or words & _YOU or words & {"maar", "worden", "wordt"}
    )
    if words & {"recht"} and words & _NOUNS:
        return True
    theirs = every & {"uw", "jullie"} or "van u" in line
    asked = words & (_WANT | {"nodig"}) and words & _SELF and (theirs or words & (_FILE - {"audio"}))
    return bool(copies or gets or given or asked)


# ---------------------------------------------------------------- what each label rests on


def _request(mention: Mention) -> Intent:
    confidence = _SURE if mention.what is What.THIS else _POSSIBLE
    evidence = (f"regel: {mention.who} neemt op", f"wat: {mention.what}", "woorden: " + " ".join(mention.words))
    return Intent(Label.REQUEST, confidence, evidence)


def _stop(clause: Clause, rule: str) -> Intent:
    return Intent(Label.STOP, _SURE, (f"regel: {rule}", "woorden: " + " ".join(clause.words)))


def _yes(answer: Answer) -> Intent:
    confidence = _SURE if answer.firm and not answer.rest else _LIKELY
    return Intent(
        Label.YES, confidence, ("regel: een ja zonder twijfel of ontkenning", "woorden: " + ", ".join(answer.said))
    )


def _no(said: Sequence[str]) -> Intent:
    return Intent(Label.NO, _SURE, ("regel: een nee of ontkenning", "woorden: " + ", ".join(said)))


def _unclear(rule: str, *said: str) -> Intent:
    return Intent(Label.UNCLEAR, _LIKELY, (f"regel: {rule}", *(f"woorden: {words}" for words in said)))
