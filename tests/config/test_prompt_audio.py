"""Recorded prompts: what may stand in the folder, and which words it says."""

import hashlib
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from config.policy_file import load_policies
from config.prompt_audio import PromptAudioError, find_unused, load_prompt_audio
from config.prompts import Prompts, load_all_prompts
from ivr.emulator.audio import encode_mulaw, samples_of
from ivr.emulator.voice import synthesise
from tests.guards.tree import ROOT
from tests.voices import pcm_wav, voice_wav, write_audio

ALLOWED = "Dat mag. U kunt dit gesprek nu opnemen."
VOICE = voice_wav(ALLOWED)
SAMPLES = synthesise(ALLOWED)
POLICIES = load_policies(ROOT / "config" / "policies").by_slug
EXAMPLE = POLICIES["example"]
PROMPTS = load_all_prompts(ROOT / "config" / "prompts")


def mulaw_wav(rate_hz: int = 8000) -> bytes:
    sound = encode_mulaw(samples_of(SAMPLES))
    form = struct.pack("<HHIIHH", 7, 1, rate_hz, rate_hz, 1, 8)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def fault_of(folder: Path) -> str:
    with pytest.raises(PromptAudioError) as caught:
        load_prompt_audio(folder)
    return str(caught.value)


@pytest.mark.parametrize("sound", [VOICE, voice_wav(ALLOWED, 16_000), voice_wav(ALLOWED, 48_000), mulaw_wav()])
def test_what_the_carrier_can_play_is_taken_as_it_is(tmp_path: Path, sound: bytes) -> None:
    write_audio(tmp_path, {ALLOWED: sound})
    audio = load_prompt_audio(tmp_path)
    found = audio.find(ALLOWED)
    assert found is not None
    assert (found.content, found.digest) == (sound, hashlib.sha256(sound).hexdigest())
    assert audio.by_digest[found.digest] is found
    assert audio.lengths_s()[ALLOWED] == pytest.approx(len(SAMPLES) / 2 / 8000, abs=0.1)


@pytest.mark.parametrize("said", ["Dat mag. U kunt dit gesprek nu opnemen", ALLOWED.lower(), f"{ALLOWED} Ja.", ""])
def test_other_words_have_no_voice(tmp_path: Path, said: str) -> None:
    write_audio(tmp_path, {ALLOWED: VOICE})
    assert load_prompt_audio(tmp_path).find(said) is None


def test_how_the_index_breaks_its_lines_is_of_no_account(tmp_path: Path) -> None:
    write_audio(tmp_path, {ALLOWED.replace(" ", "\n "): VOICE})
    assert load_prompt_audio(tmp_path).find(ALLOWED) is not None


def test_an_empty_index_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "index.toml").write_text("", encoding="utf-8")
    assert load_prompt_audio(tmp_path).by_text == {}


@pytest.mark.parametrize(
    ("sound", "fault"),
    [
        (b"", "must be a WAV file"),
        (b"ID3" + VOICE, "must be a WAV file"),
        (VOICE[:12], "must be a whole WAV file"),
        (VOICE[:44], "it is cut short"),
        (VOICE[:-100], "it is cut short"),
        (pcm_wav(b""), "must be a whole WAV file"),
        (pcm_wav(SAMPLES, channels=2), "must be mono"),
        (pcm_wav(SAMPLES, 7_999), "must be mono, with 16-bit PCM sound at 8000 to 48000 Hz"),
        (pcm_wav(SAMPLES, 96_000), "it has 1 channels, format 1 with 16 bits, 96000 Hz"),
        (mulaw_wav(16_000), "it has 1 channels, format 7 with 8 bits, 16000 Hz"),
        (pcm_wav(bytes(len(SAMPLES))), "it is silent"),
        (pcm_wav(b"\x10\x00" * (len(SAMPLES) // 2)), "it is silent"),
        (pcm_wav(SAMPLES[:16_000]), "must last from 1.3 to 9.8 seconds for its text; it lasts 1.0"),
        (pcm_wav(SAMPLES * 8), "must last from 1.3 to 9.8 seconds"),
    ],
)
def test_what_cannot_be_a_voice_that_says_the_words_is_a_fault(tmp_path: Path, sound: bytes, fault: str) -> None:
    write_audio(tmp_path, {ALLOWED: sound})
    told = fault_of(tmp_path)
    assert told.startswith(f"{tmp_path / 'index.toml'}:3: audio.1.file must ")
    assert fault in told


def test_all_faults_come_together_with_their_lines(tmp_path: Path) -> None:
    write_audio(tmp_path, {"Een.": voice_wav("Een."), "Twee.": voice_wav("Twee.")})
    index = tmp_path / "index.toml"
    more = '[[audio]]\ntext = "Een."\nfile = "2.wav"\n[[audio]]\ntext = "Drie."\nfile = "weg.wav"\nstem = "x"\n'
    index.write_text(index.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert fault_of(tmp_path).splitlines() == [
        f"{index}:9: audio.3.text is there twice",
        f"{index}:13: audio.4.file cannot be read: No such file or directory",
        f"{index}:14: audio.4.stem is not a known field",
    ]


@pytest.mark.parametrize(
    "name", ["../geheim.wav", "/etc/passwd", "map/een.wav", ".wav", "een.mp3", "", "een.wav\\u0000"]
)
def test_a_file_lies_in_the_folder_itself(tmp_path: Path, name: str) -> None:
    (tmp_path / "index.toml").write_text(f'[[audio]]\ntext = "Een."\nfile = "{name}"\n', encoding="utf-8")
    assert "must be the name of a .wav file in the same folder" in fault_of(tmp_path)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    write_audio(tmp_path, {ALLOWED: VOICE})
    with (tmp_path / "1.wav").open("r+b") as file:
        file.truncate(17 * 1024 * 1024)
    assert "must not be larger than 16 MB" in fault_of(tmp_path)


@pytest.mark.parametrize("index", [None, "[[audio", "audio = 3", '[audio]\ntext = "x"', "\xff"])
def test_a_folder_without_a_usable_index_is_refused(tmp_path: Path, index: str | None) -> None:
    if index is not None:
        (tmp_path / "index.toml").write_bytes(index.encode("latin-1"))
    assert "index.toml" in fault_of(tmp_path)


# ------------------------------------------------------------ whose words no prompt says any more


def unused(folder: Path, texts: list[str]) -> list[str]:
    write_audio(folder, {text: voice_wav(text) for text in texts})
    return [spoken.text for spoken in find_unused(load_prompt_audio(folder), [EXAMPLE], PROMPTS)]


def test_words_of_todays_prompts_and_profiles_are_used(tmp_path: Path) -> None:
    name, reason, alternative = EXAMPLE.name["nl"], EXAMPLE.objection_reasons[1], EXAMPLE.alternatives[0]
    texts = [
        PROMPTS["nl"].text("confirm"),
        PROMPTS["nl"].text("allowed_recording", agency=name),
        PROMPTS["nl"].text(
            "objection",
            reason=reason.spoken["nl"],
            alternative=alternative.spoken["nl"],
            complaint=EXAMPLE.complaint.spoken["nl"],
        ),
    ]
    assert unused(tmp_path, texts) == []


def test_changed_words_another_agency_and_an_sms_are_not(tmp_path: Path) -> None:
    texts = [
        PROMPTS["nl"].text("confirm") + " Dank u.",
        PROMPTS["nl"].text("goodbye", agency="gemeente Elders"),
        PROMPTS["nl"].text("sms_copy", agency=EXAMPLE.name["nl"], url="https://a.example", days="14"),
    ]
    assert unused(tmp_path, texts) == texts


def test_a_place_that_is_filled_in_during_the_call_may_hold_anything(tmp_path: Path) -> None:
    assert unused(tmp_path, [PROMPTS["nl"].text("copy_code", code="1 2 3")]) == []


def test_only_languages_that_are_spoken_count(tmp_path: Path) -> None:
    """A profile in Dutch alone never says an English prompt."""
    english = Prompts({**PROMPTS["nl"].texts, "confirm": "Do you want to record this call?"})
    write_audio(tmp_path, {english.texts["confirm"]: voice_wav(english.texts["confirm"])})
    audio = load_prompt_audio(tmp_path)
    prompts = {"nl": PROMPTS["nl"], "en": english}
    dutch = replace(EXAMPLE, languages=("nl",))
    assert find_unused(audio, [EXAMPLE], prompts) == []
    assert len(find_unused(audio, [dutch], prompts)) == 1
