"""From TwiML that makes sound (Say, Play, Pause) to clips, and whole documents of it: announcements, wait and hold."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from ivr.emulator.audio import BadAudio, read_wav, samples_of
from ivr.emulator.exchange import Exchange
from ivr.emulator.player import Clip, Player, pause
from ivr.emulator.voice import VoiceUnavailable, synthesise_ssml
from ivr.emulator.webhooks import Answer, FetchFailed

SOUND_VERBS = frozenset({"Say", "Play", "Pause"})

_MAX_DOCUMENT_BYTES = 64 * 1024
_MAX_SAY_CHARACTERS = 4096
_LOOP_FOREVER = 1000
_MALE = (
    "man",
    "Ruben",
    "Mathieu",
    "Standard-B",
    "Standard-C",
    "Wavenet-B",
    "Wavenet-C",
    "Charon",
    "Fenrir",
    "Orus",
    "Puck",
)
_LANGUAGE_OF_POLLY = {"Laura": "nl-NL", "Lotte": "nl-NL", "Ruben": "nl-NL", "Lisa": "nl-BE"}


class BadDocument(Exception):
    """The customer's document cannot be carried out. `code` is the carrier's error code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class PromptRequest:
    url: str
    method: str = "POST"


def parse_document(answer: Answer) -> list[ET.Element]:
    """The verbs of a document. Raises BadDocument."""
    if answer.content_type not in ("text/xml", "application/xml", "text/html", "text/plain"):
        raise BadDocument(12300, f"content type {answer.content_type}")
    if len(answer.body) > _MAX_DOCUMENT_BYTES:
        raise BadDocument(11750, "document over 64 KB")
    try:
        root = ET.fromstring(answer.body)  # noqa: S314 -- from the customer's own service on loopback
    except ET.ParseError as error:
        if answer.content_type != "text/plain":
            raise BadDocument(12100, str(error)) from error
        root = ET.Element("Response")
        ET.SubElement(root, "Say").text = answer.body.decode(errors="replace")
        ET.SubElement(root, "Hangup")
    if root.tag != "Response":
        raise BadDocument(12100, f"root element {root.tag}")
    return list(root)


def parse_text(twiml: str) -> list[ET.Element]:
    return parse_document(Answer(200, "text/xml", twiml.encode()))


async def clips_of(exchange: Exchange, verb: ET.Element, base_url: str) -> AsyncIterator[Clip]:
    """The sound of one Say, Play or Pause, loops included. A verb that fails is an error event and no sound."""
    if verb.tag == "Pause":
        yield pause(_number(verb, "length", 1))
        return
    try:
        clip = await (_say(exchange, verb) if verb.tag == "Say" else _play(exchange, verb, base_url))
    except (BadDocument, FetchFailed) as failed:
        exchange.report_error(failed.code, failed.reason, verb=verb.tag)
        return
    for _ in range(_number(verb, "loop", 1) or _LOOP_FOREVER):
        yield clip


async def play_document(
    exchange: Exchange, player: Player, kind: str, request: PromptRequest, fields: Mapping[str, str]
) -> bool:
    """Fetch and play a document that may only make sound. True when all of it was played to the end."""
    url, method = request.url, request.method
    while True:
        try:
            answer = await exchange.webhooks.fetch(kind, url, method, fields)
            if answer.content_type.startswith("audio/"):
                return await player.play(await audio_clip(answer, url))
            verbs = parse_document(answer)
        except (BadDocument, FetchFailed) as failed:
            exchange.report_error(failed.code, failed.reason, hook=kind)
            return False
        redirect: ET.Element | None = None
        made_sound = False
        for verb in verbs:
            if verb.tag == "Redirect":
                redirect = verb
                break
            if verb.tag not in SOUND_VERBS:
                exchange.report_error(13239, f"{verb.tag} is not allowed here", hook=kind)
                return False
            async for clip in clips_of(exchange, verb, url):
                made_sound = True
                if not await player.play(clip):
                    return False
        if redirect is None:
            return made_sound
        if not made_sound:
            await asyncio.sleep(1)  # a document that only redirects to itself must not spin
        url, method = urljoin(url, (redirect.text or "").strip()), redirect.get("method", "POST")


async def _say(exchange: Exchange, verb: ET.Element) -> Clip:
    voice, language = verb.get("voice", "man"), verb.get("language", "en-US")
    text = " ".join("".join(verb.itertext()).split())
    _check_voice(voice, language)
    if len(text) > _MAX_SAY_CHARACTERS:
        exchange.report_error(13521, "text to be spoken is too long", verb="Say")
    gender = "m3" if any(name in voice for name in _MALE) and voice != "woman" else "f2"
    spoken = "nl" if language.startswith("nl") else "en-us"
    return await speech_clip(_inner_markup(verb), f"{spoken}+{gender}", text)


async def speech_clip(markup: str, voice: str, text: str) -> Clip:
    try:
        return Clip(samples_of(await asyncio.to_thread(synthesise_ssml, markup, voice)), text)
    except VoiceUnavailable as error:
        raise BadDocument(13520, str(error)) from error


def _check_voice(voice: str, language: str) -> None:
    """A voice speaks its own language only."""
    if voice.startswith("Google.") and not voice.startswith(f"Google.{language}-"):
        raise BadDocument(13520, f"voice {voice} does not speak {language}")
    if voice.startswith("Polly."):
        speaks = _LANGUAGE_OF_POLLY.get(voice.removeprefix("Polly.").partition("-")[0])
        if speaks is not None and speaks != language:
            raise BadDocument(13520, f"voice {voice} does not speak {language}")


def _inner_markup(verb: ET.Element) -> str:
    holder = ET.Element("holder")
    holder.text = verb.text
    holder.extend(list(verb))
    return ET.tostring(holder, encoding="unicode").removeprefix("<holder>").removesuffix("</holder>")


async def _play(exchange: Exchange, verb: ET.Element, base_url: str) -> Clip:
    url = urljoin(base_url, (verb.text or "").strip())
    return await audio_clip(await exchange.webhooks.fetch("play", url, "GET", {}), url)


async def audio_clip(answer: Answer, url: str) -> Clip:
    """Raises BadDocument."""
    try:
        return Clip(await asyncio.to_thread(read_wav, answer.body), url)
    except BadAudio as error:
        raise BadDocument(12400, f"{url}: {error}") from error


def _number(verb: ET.Element, name: str, default: int) -> int:
    """A value that is no number counts as absent, as the carrier has it (a warning there)."""
    value = verb.get(name, "")
    return int(value) if value.isdigit() else default
