"""What the bot says on a call: prompts in words, how long they take, and whether a heard text is only their echo."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Protocol

from config.policy import AgencyPolicy
from ivr.dialogue.effects import Prompt
from ivr.dialogue.moves import told_of
from ivr.dialogue.states import Refusal

CHARACTERS_PER_S = 11.0
"""Slow synthetic Dutch; a watchdog that waits too long costs a pause, one too short a lost announcement."""

ECHO_SHARE = 0.8
ECHO_WORDS = 3


class Texts(Protocol):
    """The spoken texts of one language by key (`config.prompts.Prompts`)."""

    def text(self, key: str, **params: str) -> str: ...

    def places(self, key: str) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """Fills in a prompt's text by one agency's profile; `texts` are the prompts of each language, `recorded_s` the
    seconds of the texts that a real voice speaks."""

    texts: Mapping[str, Texts]
    policy: AgencyPolicy
    recorded_s: Mapping[str, float] = field(default_factory=dict)

    def words(self, prompt: Prompt, pick_up_code: str) -> str:
        """The exact text that is spoken; `pick_up_code` is read digit by digit."""
        texts = self.texts[prompt.language]
        params = {name: self._fill(name, code, prompt.language) for name, code in prompt.params}
        if own := params.pop("reason_text", ""):
            params["reason"] = own
        if "kind" in params:
            params["reason"] = params.pop("kind")
        places = texts.places(prompt.key)
        if "agency" in places:
            params["agency"] = self.policy.name[prompt.language]
        if "complaint" in places:
            params["complaint"] = self.policy.complaint.spoken[prompt.language]
        if "opening" in places:
            params["opening"] = self.policy.opening[prompt.language]
        if "languages" in places:
            params["languages"] = self._other_language(prompt.language)
        if "code" in places:
            params["code"] = ", ".join(" ".join(pick_up_code[i : i + 3]) for i in range(0, len(pick_up_code), 3))
        return texts.text(prompt.key, **params)

    def _fill(self, name: str, code: str, language: str) -> str:
        """The agency's sentence for a code; the employee's own one as it is, ended like a sentence."""
        match name:
            case "reason" if (reason := self.policy.find_reason(code)) is not None:
                return reason.spoken[language]
            case "alternative" if (alternative := self.policy.find_alternative(code)) is not None:
                return alternative.spoken[language]
            case "kind" if (kind := self.policy.find_kind(code)) is not None and kind.excluded is not None:
                return kind.excluded.spoken[language]
            case "reason_text":
                return code if code.endswith((".", "!", "?")) else f"{code}."
            case _:
                return code

    def _other_language(self, language: str) -> str:
        """How the other language is chosen, in that language; empty where there is none."""
        others = [other for other in self.policy.languages if other != language and other in self.texts]
        return self.texts[others[0]].text("choose_language") if others and language == self.policy.language else ""

    def refusal_message(self, refusal: Refusal, language: str) -> str:
        """The SMS about a refusal: reason, alternative and where to complain."""
        told = {name: self._fill(name, code, language) for name, code in told_of(refusal).items()}
        return self.texts[language].text(
            "sms_refusal",
            agency=self.policy.name[language],
            reason=told.get("reason_text") or told.get("kind") or told["reason"],
            alternative=told["alternative"],
            url=self.policy.complaint.url,
        )

    def receipt_message(self, url: str, language: str) -> str:
        """Where the caller finds the receipt of the call; goes on after what was sent about the refusal."""
        return self.texts[language].text("sms_receipt", url=url, days=str(self.policy.copy.valid_days))

    def longest_s(self, prompt: Prompt) -> float:
        """Seconds after which a prompt whose end was not reported counts as not played."""
        text = self.words(prompt, "0" * 12)
        return max(len(text) / CHARACTERS_PER_S, self.recorded_s.get(text, 0.0)) + self.policy.rules.prompt_margin_s


def is_echo(heard: str, said: str) -> bool:
    """True where what was heard are just the bot's own words in their own order, come back over the line.

    The order counts: "ja, dat klopt" has no word that "Klopt dat? Zeg ja of nee." has not.
    """
    words = heard.casefold().split()
    own = [word.strip(".,?!:") for word in said.casefold().split()]
    same = SequenceMatcher(None, words, own, autojunk=False).get_matching_blocks()
    return len(words) >= ECHO_WORDS and sum(block.size for block in same) >= ECHO_SHARE * len(words)
