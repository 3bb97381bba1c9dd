"""PURE. What counts of a case file: complaints, misuse, recordings without notice, citizens' copies, learning.

Wishes to record and promised alternatives are counted in `ivr/reporting/requests.py`.
"""

from collections.abc import Callable, Iterator, Sequence

from ivr.reporting.history import Happened
from ivr.reporting.measures import OWN_WORDS, Measure, Row

Tags = set[str]


def rows_of_case(happened: Sequence[Happened]) -> Iterator[Row]:
    """Every row in which a case counts, one for each time; what it is about, its tags say."""
    kind = happened[0].tag.partition(":")[0]
    if kind in KINDS:
        yield from KINDS[kind](happened)


def _covert(_: Sequence[Happened]) -> Iterator[Row]:
    yield Row(Measure.COVERT)


def _complaint(happened: Sequence[Happened]) -> Iterator[Row]:
    """Access that was granted at any time counts as granted."""
    tags = _tags(happened)
    yield Row(Measure.COMPLAINTS)
    if "complaint:judged-without-listening" in tags:
        yield Row(Measure.COMPLAINT_WITHOUT_LISTENING)
    elif "complaint:access-granted" in tags:
        yield Row(Measure.COMPLAINT_GRANTED)
    elif "complaint:access-refused" in tags:
        yield Row(Measure.COMPLAINT_REFUSED)
    else:
        yield Row(Measure.COMPLAINT_UNDECIDED)
    for one in happened:
        if one.tag == "complaint:played":
            yield Row(Measure.PLAYBACKS)
        elif one.tag == "complaint:playback-refused":
            yield Row(Measure.PLAYBACKS_REFUSED)


def _misuse(happened: Sequence[Happened]) -> Iterator[Row]:
    yield Row(Measure.MISUSE)
    yield Row(Measure.MISUSE_SORT, happened[0].said("what") or OWN_WORDS)


def _citizen_copy(happened: Sequence[Happened]) -> Iterator[Row]:
    tags = _tags(happened)
    yield Row(Measure.CITIZEN_COPIES)
    if "citizen-copy:received" in tags:
        yield Row(Measure.CITIZEN_COPY_RECEIVED)
        is_compared = "citizen-copy:compared" in tags
        yield Row(Measure.CITIZEN_COPY_COMPARED if is_compared else Measure.CITIZEN_COPY_NOT_COMPARED)
        if "citizen-copy:destroyed" in tags:
            yield Row(Measure.CITIZEN_COPY_DESTROYED)
        else:
            yield Row(Measure.CITIZEN_COPY_KEPT if "citizen-copy:kept" in tags else Measure.CITIZEN_COPY_UNDECIDED)
    elif "citizen-copy:declined" in tags:
        yield Row(Measure.CITIZEN_COPY_DECLINED)
    else:
        yield Row(Measure.CITIZEN_COPY_LAPSED if "citizen-copy:lapsed" in tags else Measure.CITIZEN_COPY_AWAITED)


def _training(happened: Sequence[Happened]) -> Iterator[Row]:
    """Both agreed, and nobody took it back."""
    states = {one.said("state") for one in happened}
    yield Row(Measure.TRAINING)
    if "withdrawn" in states:
        yield Row(Measure.TRAINING_WITHDRAWN)
    elif "agreed" in states:
        yield Row(Measure.TRAINING_AGREED)
    else:
        yield Row(Measure.TRAINING_NOT_AGREED if "not-agreed" in states else Measure.TRAINING_UNANSWERED)


def _request(happened: Sequence[Happened]) -> Iterator[Row]:
    if happened[0].facts.get("third_persons") is True:
        yield Row(Measure.THIRD_PERSONS)


def _tags(happened: Sequence[Happened]) -> Tags:
    return {one.tag for one in happened}


KINDS: dict[str, Callable[[Sequence[Happened]], Iterator[Row]]] = {
    "covert": _covert,
    "complaint": _complaint,
    "misuse": _misuse,
    "citizen-copy": _citizen_copy,
    "training": _training,
    "channel-request": _request,
}
