"""Prompts that a real voice has spoken: a folder with WAV files, and an `index.toml` with the exact words of each.

The words are the key. A prompt whose words are in the index is played; any other, so one that was changed too, is left
to the carrier's voice. What the log says was said is therefore what was said.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.policy import AgencyPolicy
from config.prompt_sound import check_sound
from config.prompts import Prompts
from config.toml_table import TomlFile, TomlTable

INDEX = "index.toml"
LARGEST_FILE_BYTES = 16 * 1024 * 1024

_NOT_SPOKEN = "sms_"


class PromptAudioError(Exception):
    """A folder that cannot be used; one fault a line, as `file:line: field what is expected`."""


@dataclass(frozen=True, slots=True)
class SpokenPrompt:
    """One recording: its exact words, the file's bytes and their hex SHA-256, and where the index names it."""

    text: str
    content: bytes = field(repr=False)
    digest: str
    duration_s: float
    place: str


@dataclass(frozen=True, slots=True)
class PromptAudio:
    """All recordings, by words and by digest."""

    by_text: Mapping[str, SpokenPrompt] = field(default_factory=dict)
    by_digest: Mapping[str, SpokenPrompt] = field(default_factory=dict)

    def find(self, text: str) -> SpokenPrompt | None:
        return self.by_text.get(_spaced_once(text))

    def lengths_s(self) -> Mapping[str, float]:
        """Seconds, by words."""
        return {text: spoken.duration_s for text, spoken in self.by_text.items()}


def load_prompt_audio(folder: Path) -> PromptAudio:
    """Reads and checks all of it. Raises `PromptAudioError` with every fault."""
    path = folder / INDEX
    try:
        file = TomlFile(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise PromptAudioError(f"{path}: cannot be read: {fault}") from fault
    root = file.root
    by_text: dict[str, SpokenPrompt] = {}
    for number, table in enumerate(root.tables("audio"), start=1):
        spoken = _read(table, folder, f"{INDEX}, entry {number}")
        if spoken is not None and by_text.setdefault(spoken.text, spoken) is not spoken:
            table.report("text", "is there twice")
        table.finish()
    root.finish()
    if file.faults:
        raise PromptAudioError("\n".join(file.faults))
    return PromptAudio(by_text, {spoken.digest: spoken for spoken in by_text.values()})


def find_unused(
    audio: PromptAudio, policies: Iterable[AgencyPolicy], prompts: Mapping[str, Prompts]
) -> Sequence[SpokenPrompt]:
    """The recordings whose words no prompt of these agencies says any more: they are never played."""
    patterns = [pattern for policy in policies for pattern in _patterns(policy, prompts)]
    return [
        spoken
        for text, spoken in audio.by_text.items()
        if not any(pattern.fullmatch(_squeezed(text)) for pattern in patterns)
    ]


def _read(table: TomlTable, folder: Path, place: str) -> SpokenPrompt | None:
    """None for a recording with a fault, which was reported."""
    text = _spaced_once(table.text("text"))
    name = table.text("file", r"[\w-][\w.-]*\.wav", "must be the name of a .wav file in the same folder")
    if not text or not name:
        return None
    try:
        if (folder / name).stat().st_size > LARGEST_FILE_BYTES:
            raise ValueError(f"must not be larger than {LARGEST_FILE_BYTES >> 20} MB")
        content = (folder / name).read_bytes()
        duration_s = check_sound(content, len(text))
    except OSError as fault:
        table.report("file", f"cannot be read: {fault.strerror}")
    except ValueError as fault:
        table.report("file", str(fault))
    else:
        return SpokenPrompt(text, content, hashlib.sha256(content).hexdigest(), duration_s, place)
    return None


def _patterns(policy: AgencyPolicy, prompts: Mapping[str, Prompts]) -> Iterator[re.Pattern[str]]:
    """What this agency's prompts can say in each language, without spaces; an unknown place may hold anything."""
    for language in policy.languages:
        if language not in prompts:
            continue
        values = {name: "|".join(map(re.escape, texts)) for name, texts in _values(policy, language).items()}
        for key, text in prompts[language].texts.items():
            if not key.startswith(_NOT_SPOKEN):
                parts = re.split(r"\{(\w+)\}", _squeezed(text))
                filled = (f"(?:{values.get(part, '.*')})" if n % 2 else re.escape(part) for n, part in enumerate(parts))
                yield re.compile("".join(filled))


def _values(policy: AgencyPolicy, language: str) -> Mapping[str, list[str]]:
    """Place of a prompt -> all that this agency can fill in."""
    excluded = (kind.excluded for kind in policy.conversation_kinds if kind.excluded)
    spoken = {
        "agency": [policy.name],
        "opening": [policy.opening],
        "complaint": [policy.complaint.spoken],
        "reason": [*(reason.spoken for reason in policy.objection_reasons), *(one.spoken for one in excluded)],
        "alternative": [alternative.spoken for alternative in policy.alternatives],
    }
    return {name: [_squeezed(text[language]) for text in texts] for name, texts in spoken.items()}


def _spaced_once(text: str) -> str:
    """An index may break its lines; a voice does not tell."""
    return " ".join(text.split())


def _squeezed(text: str) -> str:
    """Without spaces, which a place that is left empty doubles."""
    return "".join(text.split())
