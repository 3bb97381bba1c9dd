"""`spelregel demo`: one Dutch call, in real time, through the whole path; nothing faked but the carrier."""

import json
import os
import signal
import sys
import time
import wave
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config import settings
from config.policy import Policies
from ivr.accounts.demo import add_demo_users
from ivr.demo.evidence import CALLERS_RECORDING, commands, write_evidence
from ivr.demo.household import NUMBER, DemoFault, Household, make_environment, write_environment
from ivr.demo.timeline import Timeline, carrier_line, log_line
from ivr.wiring import Wiring
from speech import models
from speech.audio import TELEPHONE_RATE_HZ
from speech.wav import WavFile
from storage.consent_log.export import verify_log
from storage.records import LoggedEntry, RecordingRow

CALLER = "+31612345678"
EMPLOYEE = "medewerker"
GOOD, FAILED = 0, 1
TERMINATED = 128 + signal.SIGTERM
SAMPLE_BYTES = 2
POLL_S = 0.3
CALL_WITHIN_S = 180
JOBS_WITHIN_S = 30
ANSWER_WITHIN_S = 20
"""After the sound of a file: the bot's question, and what the file has no answer to."""

MAIN_JOB = (
    "request:heard",
    "consent:given",
    "recording:announced",
    "recording:started",
    "recording:stored",
    "copy:prepared",
    "copy:sent",
    "call:ended",
)
"""Without each of these in the log, the demo did not do what it is for."""

Script = list[dict[str, Any]]

CALLERS_VOICE = {"voice": "nl", "words_per_minute": 130}

UNTIL_IT_IS_ALLOWED: Script = [
    {"wait_heard": "waarmee kan ik u helpen"},
    {"say": "Goedemiddag. Ik bel over mijn aanvraag.", **CALLERS_VOICE},
    {"wait_heard": "ik kijk even"},
    {"say": "Ik wil dit gesprek opnemen.", **CALLERS_VOICE},
    {"wait_heard": "Klopt dat"},
    {"say": "Ja, dat klopt.", **CALLERS_VOICE},
    {"wait_heard": "neemt ook .* op"},
]
WHILE_RECORDING: Script = [
    {"wait_s": 0.5},
    {"say": "Dank u wel. Wanneer krijg ik bericht?", **CALLERS_VOICE},
    {"wait_heard": "voor vrijdag"},
    {"say": "Fijn, tot ziens.", **CALLERS_VOICE},
    {"wait_heard": "kopie van onze opname"},
    {"say": "Ja graag.", **CALLERS_VOICE},
    {"wait_heard": "link naar uw kopie"},
]
CALLER_SCRIPT: Script = [*UNTIL_IT_IS_ALLOWED, *WHILE_RECORDING]
EMPLOYEE_SCRIPT: Script = [
    {"wait_s": 1},
    {"say": "Goedemiddag, u spreekt met de gemeente. Waarmee kan ik u helpen?", "voice": "nl+f2"},
    {"wait_heard": "aanvraag"},
    {"wait_s": 0.5},
    {"say": "Dat is goed, ik kijk even.", "voice": "nl+f2"},
    {"wait_heard": "krijg ik bericht"},
    {"say": "U krijgt de brief voor vrijdag.", "voice": "nl+f2"},
    {"wait_heard": "tot ziens"},
    {"say": "Tot ziens.", "voice": "nl+f2"},
    {"wait_s": 0.5},
    {"hang_up": True},
]


PATIENT_EMPLOYEE: Script = [
    {"wait_s": 1},
    {"say": "Goedemiddag, u spreekt met de gemeente. Waarmee kan ik u helpen?", "voice": "nl+f2"},
    {"wait_s": 600},
    {"hang_up": True},
]
"""Answers whoever calls by browser, unless somebody registers there as the employee."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the two people do; `needed` are the log's tags without which the demo failed."""

    caller: Script
    employee: Script
    needed: tuple[str, ...]
    within_s: float = CALL_WITHIN_S


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the call left behind."""

    call_id: str
    entries: list[LoggedEntry]
    recording: RecordingRow | None


def play(audio: Path | None, *, serve: bool) -> int:
    """Set everything up, play the call, show what came of it. Gives 0 only if all of it really happened.

    Raises `SpeechError` for a file that is no usable WAV, or a model that cannot be installed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    models_folder = settings.model_dir(os.environ)
    folder = Path("var").absolute() / "demo" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"
    folder.mkdir(parents=True)
    part = scripted_part(folder) if audio is None else part_with(audio, folder)
    print("Preparing the speech model ...", flush=True)
    models.install(models.WHISPER, models_folder)
    environment = make_environment(folder, models_folder)
    write_environment(environment, folder / "env")
    household = Household(environment, folder)
    wiring = Wiring(household.settings)
    wiring.prepare()
    print("Starting web, media, worker and the local carrier ...", flush=True)
    try:
        household.start()
        outcome = _play_call(household, wiring, part)
        good = _show(wiring, outcome, part, folder)
        if serve:
            add_demo_users(wiring.users, sorted(wiring.agencies.policies.by_slug))
            _serve(household, wiring.agencies.policies)
    except DemoFault as fault:
        print(f"\nThe demo stopped: {fault}", file=sys.stderr)
        return FAILED
    finally:
        household.stop()
        wiring.database.close()
    return GOOD if good else FAILED


def scripted_part(folder: Path) -> Part:
    """The caller's own telephone records as soon as that is allowed."""
    own: Script = [{"record": str(folder / CALLERS_RECORDING)}]
    return Part([*UNTIL_IT_IS_ALLOWED, *own, *WHILE_RECORDING], EMPLOYEE_SCRIPT, MAIN_JOB)


def part_with(audio: Path, folder: Path) -> Part:
    """The caller says what is on the file's first channel, once the employee asks; what is meant is up to the file."""
    with WavFile(audio) as file:
        sound = b"".join(samples.tobytes() for samples in file.read(0, TELEPHONE_RATE_HZ))
    telephone = folder / "caller.wav"
    with wave.open(str(telephone), "wb") as copy:
        copy.setnchannels(1)
        copy.setsampwidth(SAMPLE_BYTES)
        copy.setframerate(TELEPHONE_RATE_HZ)
        copy.writeframes(sound)
    duration_s = len(sound) / SAMPLE_BYTES / TELEPHONE_RATE_HZ
    caller: Script = [
        {"wait_heard": "waarmee kan ik u helpen"},
        {"play": str(telephone)},
        {"wait_start_of": "kopie van onze opname", "timeout_s": 2 * ANSWER_WITHIN_S},
        {"press": "1"},
    ]
    employee: Script = [
        *EMPLOYEE_SCRIPT[:2],
        {"wait_s": duration_s + ANSWER_WITHIN_S},
        {"say": "Tot ziens.", "voice": "nl+f2"},
        {"hang_up": True},
    ]
    return Part(caller, employee, ("call:ended",), CALL_WITHIN_S + duration_s)


def _play_call(household: Household, wiring: Wiring, part: Part) -> Outcome:
    """The call in real time, told as it goes, until its jobs are done."""
    household.register(EMPLOYEE, part.employee)
    call_sid = household.call(CALLER, part.caller)
    print(f"\n{CALLER} calls the agency's number {NUMBER} by way of the local carrier")
    print("Minutes and seconds since then; what somebody says stands where it ended, with its length.\n", flush=True)
    timeline = Timeline(sys.stdout)
    seen_events, seen_entries = 0, 0
    entries: list[LoggedEntry] = []
    call_id, ended_at = "", None
    deadline = time.monotonic() + part.within_s
    while time.monotonic() < deadline:
        household.check()
        events = household.events(seen_events)
        seen_events += len(events)
        timeline.add([line for line in map(carrier_line, events) if line is not None])
        call = wiring.driver.find(call_sid)
        if call is not None:
            call_id = call.call_id
            with wiring.database.reading() as unit:
                entries = list(unit.log.list_call(call.call_id))
                waiting = sum(unit.outbox.count_by_state().values())
            timeline.add([log_line(entry) for entry in entries[seen_entries:]])
            seen_entries = len(entries)
            if call.closed_at is not None:
                ended_at = ended_at or time.monotonic()
                if waiting == 0 or time.monotonic() - ended_at > JOBS_WITHIN_S:
                    break
        timeline.print_until(datetime.now(UTC))
        time.sleep(POLL_S)
    timeline.add([line for line in map(carrier_line, household.events(seen_events)) if line is not None])
    timeline.print_rest()
    if not call_id:
        raise DemoFault("the call never reached the service; see web.log in the demo's folder")
    with wiring.database.reading() as unit:
        return Outcome(call_id, entries, unit.recordings.find_for_call(call_id))


def _show(wiring: Wiring, outcome: Outcome, part: Part, folder: Path) -> bool:
    """The evidence; gives whether it is all there."""
    tags = [entry.tag for entry in outcome.entries]
    print("\nConsent record")
    record = {name: value for name, value in wiring.consent_record(outcome.call_id).items() if name != "@context"}
    print(json.dumps(record, ensure_ascii=False, indent=2))
    recorded = "recording:stored" not in part.needed
    if outcome.recording is not None:
        path = wiring.settings.recordings_dir / outcome.recording.object_key
        with wiring.store.open(outcome.recording.object_key) as stored, wave.open(stored) as wav:
            seconds, channels = wav.getnframes() / wav.getframerate(), wav.getnchannels()
        recorded = channels == 2 and seconds > 1
        print(f"\nRecording   {path} (encrypted), {seconds:.1f} s, {channels} channels: caller, employee and bot")
    if "copy:sent" in tags:
        print(f"Copy        {wiring.links.copy(outcome.call_id)} (asks for a code by SMS; --serve shows it)")
    verdict = verify_log(wiring.database, wiring.log_keys)
    print(f"Log verify  {'whole' if verdict.whole else f'broken: {verdict.first}'}: {verdict.size} entries")
    print(f"Settings    set -a; . {folder / 'env'}   (for spelregel log show, log export, ...)")
    if recorded and "copy:sent" in tags:
        held = write_evidence(wiring, outcome.call_id, folder)
        print(f"Proof       {held}, as the caller and an outsider hold it. To check it:")
        print(*(f"  {command}" for command in commands(held)), sep="\n")
    missing = [tag for tag in part.needed if tag not in tags]
    if missing:
        print(f"\nNot everything happened: {', '.join(missing)} not in the log; see {folder}/*.log", file=sys.stderr)
    return recorded and verdict.whole and verdict.sealed_size == verdict.size and not missing


def _serve(household: Household, policies: Policies) -> None:
    """Somebody answers at every agency, until Ctrl-C; text messages are shown, such as the code for a copy.

    Raises `DemoFault` when one of the processes ends by itself.
    """
    for address in sorted({to for policy in policies.by_slug.values() for to in policy.employee.to}):
        household.register(address, PATIENT_EMPLOYEE)
    url = household.settings.public_url
    seen = len(household.events(0))
    print("\nLeft running until Ctrl-C:")
    print(f"  caller    {url}/bel\n  employee  {url}/bel?rol=medewerker")
    print(
        f"  console   {url}/console (choose there as whom you come in: no password, since this is a demo)", flush=True
    )
    try:
        while True:
            household.check()
            news = household.events(seen)
            seen += len(news)
            for message in (event for event in news if event["kind"] == "sms"):
                print(f"  SMS       {message['body']}", flush=True)
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nStopping.")
