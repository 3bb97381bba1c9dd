"""PURE. What an agency's profile says about its case files: who must act, and within how many days."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.cases.case import Who


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody has to do, and within how many days."""

    owner: Who
    within_days: int


@dataclass(frozen=True, slots=True)
class MisuseTerm:
    """One step of the procedure for misuse; its days count from the step before."""

    code: str
    promise: Promise


@dataclass(frozen=True, slots=True)
class Terms:
    """Attributes:

    follow              by code of the alternative: what must happen after the call; None where nothing must
    reasons, channels, conversations    the profile's codes
    talk                the talk after a recording without notice
    weighs_publication  a publication is weighed first; else it counts as misuse
    misuse              the steps of the procedure, in order
    complaint_days      until a complaint is dealt with (Awb art. 9:11)
    committee_days      until it is decided whether listening is needed
    access_days         the longest that access to a recording may last
    asks_copies         callers are asked for a copy of theirs, for `ask_days`; what came is kept `copy_days`
    asks_training       both parties may be asked whether staff may learn from the recording
    keep_days           from the end of a case until its file is destroyed
    """

    follow: Mapping[str, Promise | None]
    reasons: frozenset[str]
    channels: frozenset[str]
    conversations: frozenset[str]
    talk: Promise
    weighs_publication: bool
    misuse: tuple[MisuseTerm, ...]
    complaint_days: int
    committee_days: int
    access_days: int
    asks_copies: bool
    ask_days: int
    copy_days: int
    asks_training: bool
    keep_days: int
