"""PURE. What may never be asked of somebody who wants to record: a justification as a condition, or a promise not to
use the recording in court (a UWV case; the statement was withdrawn after the rules were shown)."""

import re

_DEMANDS = re.compile(
    r"""
    \b(?:waarom|waarvoor|wat\s+is\s+(?:de|uw)\s+reden|om\s+welke\s+reden)\s+(?:wil(?:t)?|wilde|gaat|neemt|wenst)\s+u\b
    | \b(?:geef(?:t)?|noem(?:t)?|vertel(?:t)?|zeg(?:t)?|leg(?:t)?)\b[^.!?]{0,40}
      \b(?:waarom\s+u|uw\s+reden|de\s+reden\s+(?:van\s+uw|waarom\s+u|voor\s+uw))
    | \bu\s+(?:moet|dient)\b[^.!?]{0,60}\b(?:reden|motiveren|verklaring|ondertekenen|tekenen)\b
    | \b(?:belooft|beloof|verklaart|verklaar|tekent|onderteken(?:t)?)\b[^.!?]{0,80}\b(?:rechter|rechtbank|rechtszaak)\b
    | \bwhy\s+(?:do|would|are)\s+you\b
    | \b(?:give|tell|state)\b[^.!?]{0,40}\b(?:your\s+reason|why\s+you)\b
    | \byou\s+must\b[^.!?]{0,60}\b(?:reason|justify|statement|sign)\b
    | \b(?:promise|declare|sign)\b[^.!?]{0,80}\b(?:court|judge)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DENIALS = re.compile(r"\b(?:niet|geen|nooit|hoeft|zonder|not|no|never|without)\b", re.IGNORECASE)


def find_demand(text: str) -> str | None:
    """The words that ask for a reason or a promise; None where nothing is demanded.

    A sentence that says before it that it is not asked ("You do not have to tell us why you record.") is no demand; a
    "niet" behind it may well be what has to be promised.
    """
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        found = _DEMANDS.search(sentence)
        if found and not _DENIALS.search(sentence[: found.start()]):
            return found[0]
    return None
