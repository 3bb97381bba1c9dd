"""What the bot says on a call: prompts in words, how long they take, and whether a heard text is only their echo."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Protocol

from config.policy import AgencyPolicy
from ivr.dialogue.effects import Prompt, PromptKey

CHARACTERS_PER_S = 11.0
"""Slow synthetic Dutch; a watchdog that waits too long costs a pause, one too short a lost announcement."""

ECHO_SHARE = 0.8
ECHO_WORDS = 3


class Texts(Protocol):
    """The spoken texts by key (`config.prompts.Prompts`)."""

    def text(self, key: str, **params: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """Fills in a prompt's text by one agency's profile; `texts` are the prompts of each language."""

    texts: Mapping[str, Texts]
    policy: AgencyPolicy

    def words(self, prompt: Prompt, copy_code: str) -> str:
        """The exact text that is spoken; `copy_code` is read digit by digit."""
        params = dict(prompt.params)
        policy, language = self.policy, self.policy.language
        match prompt.key:
            case (
                PromptKey.GREETING
                | PromptKey.ALLOWED_RECORDING
                | PromptKey.BLOCKED
                | PromptKey.GOODBYE
                | PromptKey.EMPLOYEE_UNREACHABLE
            ):
                params["agency"] = policy.name[language]
            case PromptKey.OBJECTION:
                params["complaint"] = policy.complaint.spoken[language]
            case PromptKey.COPY_CODE:
                params["code"] = ", ".join(" ".join(copy_code[i : i + 3]) for i in range(0, len(copy_code), 3))
            case _:
                pass
        return self.texts[language].text(prompt.key, **params)

    def longest_s(self, prompt: Prompt) -> float:
        """Seconds after which a prompt whose end was not reported counts as not played."""
        return len(self.words(prompt, "0" * 12)) / CHARACTERS_PER_S + self.policy.rules.prompt_margin_s


def is_echo(heard: str, said: str) -> bool:
    """True where what was heard are just the bot's own words in their own order, come back over the line.

    The order counts: "ja, dat klopt" has no word that "Klopt dat? Zeg ja of nee." has not.
    """
    words = heard.casefold().split()
    own = [word.strip(".,?!:") for word in said.casefold().split()]
    same = SequenceMatcher(None, words, own, autojunk=False).get_matching_blocks()
    return len(words) >= ECHO_WORDS and sum(block.size for block in same) >= ECHO_SHARE * len(words)
