"""Prompts with a real voice, webhook by webhook: what is played is what the log says was said."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.prompts import load_prompts
from ivr.dialogue.effects import Prompt, PromptKey
from ivr.dialogue.events import Heard
from tests.builders import NUMBER, PUBLIC_URL, House, xml_of
from tests.guards.tree import ROOT
from tests.voices import pcm_wav, voice_wav, write_audio

PROMPTS = load_prompts(ROOT / "config" / "prompts" / "nl.toml")
QUESTION = PROMPTS.text("confirm")
NO_SERVICE = PROMPTS.text("not_in_service")


@pytest.fixture
def spoken_house(tmp_path: Path, sqlite_url: str) -> Iterator[Callable[..., House]]:
    """Makes a house whose prompts have these sounds."""
    houses = []

    def build(**sounds: bytes) -> House:
        write_audio(tmp_path / "voices", sounds)
        house = House(tmp_path, sqlite_url, voices=tmp_path / "voices")
        houses.append(house)
        return house

    yield build
    for house in houses:
        house.close()


@pytest.fixture
def greeting(house: House) -> str:
    """What the example agency's callers hear first."""
    return xml_of(house.dial_in(CallSid="CA" + "9" * 32).data)[1][0].text or ""


def test_a_prompt_with_a_voice_is_played_and_any_other_is_spoken(spoken_house: Callable[..., House]) -> None:
    house = spoken_house(**{QUESTION: voice_wav(QUESTION)})
    greeting = xml_of(house.dial_in().data)[1][0]
    assert greeting.tag == "Say"
    house.leg(1)
    house.room("participant-join", 1, "CA" + "1" * 32)
    house.room("participant-join", 2, "CA" + "2" * 32)
    house.carrier.take()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    (question,) = house.carrier.asked
    (play,) = xml_of(house.text_of(question))
    assert play.tag == "Play"
    house.announced(3)
    said = [entry.facts for entry in house.entries if entry.tag == "prompt:played"][-1]
    assert said["text"] == QUESTION


def test_the_sound_is_served_as_it_was_checked_and_may_be_kept(
    spoken_house: Callable[..., House], greeting: str
) -> None:
    sound = voice_wav(greeting)
    house = spoken_house(**{greeting: sound})
    play = xml_of(house.dial_in().data)[1][0]
    assert play.tag == "Play"
    assert play.text is not None
    assert play.text.startswith(f"{PUBLIC_URL}/voice/audio/")
    (house.folder / "voices" / "1.wav").write_bytes(b"something else by now")
    answer = house.client.get(urlsplit(play.text).path)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/x-wav", sound)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000"


def test_a_changed_text_falls_back_to_the_carriers_voice(spoken_house: Callable[..., House], greeting: str) -> None:
    yesterday = greeting.replace("Welkom", "Hartelijk welkom")
    house = spoken_house(**{yesterday: voice_wav(yesterday)})
    say = xml_of(house.dial_in().data)[1][0]
    assert (say.tag, say.text) == ("Say", greeting)


def test_a_number_without_an_agency_can_have_a_voice_too(spoken_house: Callable[..., House]) -> None:
    house = spoken_house(**{NO_SERVICE: voice_wav(NO_SERVICE)})
    answer = house.dial_in(To="+31209999999")
    assert [verb.tag for verb in xml_of(answer.data)] == ["Play", "Hangup"]


def test_english_words_get_an_english_voice(house: House) -> None:
    """A caller who pressed 9 hears English, and not as a Dutch voice would read it."""
    greeting = xml_of(house.dial_in().data)[1][0]
    answer = xml_of(house.leg(1, Digits="9").data)[0][0]
    assert [say.attrib["language"] for say in (greeting, answer)] == ["nl-NL", "en-GB"]


@pytest.mark.parametrize("name", ["0" * 64, "..%2Findex", "1", "%00", "x" * 5000])
def test_what_is_no_recording_is_not_found(spoken_house: Callable[..., House], name: str) -> None:
    house = spoken_house(**{QUESTION: voice_wav(QUESTION)})
    assert house.client.get(f"/voice/audio/{name}.wav").status_code == 404


def test_a_slow_voice_is_given_its_time(spoken_house: Callable[..., House]) -> None:
    """Otherwise an announcement that still plays would count as lost."""
    slow = voice_wav(QUESTION)[44:] + bytes(2 * 8000 * 7)
    house = spoken_house(**{QUESTION: pcm_wav(slow)})
    policy = house.wiring.agencies.for_number(NUMBER)
    longest_s = house.wiring.agencies.speaker(policy).longest_s(Prompt(1, PromptKey.CONFIRM))
    assert longest_s == pytest.approx(len(slow) / 2 / 8000 + policy.rules.prompt_margin_s)
    assert longest_s > len(QUESTION) / 11.0 + policy.rules.prompt_margin_s + 1
