"""The command `spelregel`: parses, runs one command, and turns what went wrong into one line and an exit code."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from config import logging, settings
from config.policy import PolicyError
from config.policy_file import load_policies, load_policy
from config.prompt_audio import PromptAudioError
from config.prompts import PromptError
from config.settings import SettingsError
from config.translations import TranslationError
from ivr import (
    cli_after_call,
    cli_compare,
    cli_copy,
    cli_log,
    cli_recordings,
    cli_records,
    cli_report,
    cli_retention,
    cli_vcon,
    cli_witnesses,
)
from ivr.errors import SpelregelError
from ivr.exit_codes import BROKEN, GOOD, UNUSABLE
from ivr.reporting.period import PeriodError
from ivr.wiring import Wiring
from speech import models
from speech.engines.select import load_engine
from speech.errors import SpeechError
from speech.evaluation import evaluate_audio, evaluate_text, read_recordings, read_utterances
from speech.evaluation_report import Evaluation, as_html, as_json, as_text
from speech.intent import Expecting, classify
from speech.listening import listen_file
from speech.recogniser import Engine
from storage.errors import LogBroken, ObjectDamaged, StorageError

OPERATOR_ERRORS = (
    SettingsError,
    PeriodError,
    PolicyError,
    PromptAudioError,
    PromptError,
    TranslationError,
    SpeechError,
    StorageError,
    SpelregelError,
    OSError,
    UnicodeDecodeError,
)

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit."""
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        code = command(chosen)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD
    except OPERATOR_ERRORS as fault:
        print(f"spelregel: {' | '.join(str(fault).splitlines())}", file=sys.stderr)
        code = BROKEN if isinstance(fault, LogBroken | ObjectDamaged) else UNUSABLE
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spelregel", description="Recording-consent bot for telephone calls.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, help_text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help_text, description=help_text)
        sub.set_defaults(command=command)
        return sub

    demo = add("demo", run_demo, "play one Dutch call through everything, beside the local carrier")
    demo.add_argument("--audio", type=Path, metavar="FILE.wav", help="what the caller says, instead of the script")
    demo.add_argument("--serve", action="store_true", help="leave it running, with the browser phone")
    serve = add("serve", run_serve, "the service: webhooks and pages, or the media streams")
    serve.add_argument("process", choices=("web", "media"))
    add("worker", run_worker, "the job worker, which also keeps the timers of running calls")

    speech_models = add("models", run_models, "speech models")
    speech_models.add_argument("action", choices=("install", "list", "check"))
    speech_models.add_argument("name", nargs="?", choices=(models.VOSK, models.WHISPER))
    listen = add("listen", run_listen, "what is heard in a WAV file, as JSON lines")
    listen.add_argument("file", type=Path)
    listen.add_argument("--channel", type=int, default=0, choices=(0, 1))
    listen.add_argument("--engine", default="auto", choices=("auto", "vosk", "whisper"))
    listen.add_argument("--state", type=Expecting, choices=list(Expecting))
    listen.add_argument("--json", action="store_true", help="the only form there is")
    classify_text = add("classify", run_classify, "what lines of text on stdin mean, as JSON lines")
    classify_text.add_argument("--state", type=Expecting, choices=list(Expecting))

    evaluate = add("evaluate", run_evaluate, "how well a labelled corpus is understood, and what that costs")
    corpus = evaluate.add_mutually_exclusive_group(required=True)
    corpus.add_argument("--text", type=Path, metavar="TSV", help="columns label, variant, text: the rules alone")
    corpus.add_argument(
        "--audio", type=Path, metavar="INDEX.tsv", help="columns file, label, text, voice, snr_db: the whole listener"
    )
    evaluate.add_argument("--engine", default="auto", choices=("auto", "vosk", "whisper"), help="for --audio")
    evaluate.add_argument("--state", type=Expecting, choices=list(Expecting))
    evaluate.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    evaluate.add_argument("--report", type=Path, metavar="FILE.html", help="also write a page with charts")

    cli_compare.add_command(add)

    policy = add("policy", run_policy, "agency profiles")
    policy_actions = policy.add_subparsers(required=True, dest="action", metavar="ACTION")
    policy_actions.add_parser("check", help="check profiles").add_argument("files", nargs="*", type=Path)
    policy_actions.add_parser("show", help="one profile").add_argument("agency")

    cli_log.add_commands(add)
    cli_after_call.add_commands(add)
    cli_copy.add_commands(add)
    cli_retention.add_command(add)
    cli_records.add_command(add)
    cli_recordings.add_commands(add)
    cli_report.add_command(add)
    cli_vcon.add_command(add)
    cli_witnesses.add_command(add)
    add("doctor", run_doctor, "what is missing for production, in plain words")
    return parser


# ---------------------------------------------------------------- the service


def run_demo(chosen: argparse.Namespace) -> int:
    from ivr.demo.play import play  # the local carrier and its voices are loaded for this command only

    return play(chosen.audio, serve=chosen.serve)


def run_serve(chosen: argparse.Namespace) -> int:
    from ivr.serving import serve

    serve(chosen.process, Wiring.from_environment())
    return GOOD


def run_worker(_: argparse.Namespace) -> int:
    from ivr.serving import work

    logging.configure()
    work(Wiring.from_environment())
    return GOOD


# ---------------------------------------------------------------- speech


def run_models(chosen: argparse.Namespace) -> int:
    folder = settings.model_dir(os.environ)
    if chosen.action == "install":
        states = [models.install(chosen.name or models.VOSK, folder)]
    elif chosen.name:
        states = [models.check(chosen.name, folder)]
    else:
        states = models.list_models(folder)
    for model in states:
        print(f"{model.name}  {model.engine}  {model.state}  {model.folder}  {model.detail}".rstrip())
    damaged = any(model.state is models.ModelState.DAMAGED for model in states)
    absent = chosen.name is not None and any(model.state is models.ModelState.ABSENT for model in states)
    return UNUSABLE if chosen.action == "check" and (damaged or absent) else GOOD


def _load_engine(name: str) -> Engine:
    """As the service would listen; Whisper alone has no other stages."""
    spotter, second_opinion = settings.stages(os.environ)
    opinion = settings.SecondOpinion.OFF if name == "whisper" else second_opinion
    return load_engine(name, settings.model_dir(os.environ), spotter=spotter, second_opinion=opinion)


def run_listen(chosen: argparse.Namespace) -> int:
    engine = _load_engine(chosen.engine)
    listen_file(chosen.file, chosen.channel, engine, chosen.state, sys.stdout)
    return GOOD


def run_classify(chosen: argparse.Namespace) -> int:
    for line in sys.stdin:
        text = line.rstrip("\r\n")
        intent = classify(text, chosen.state)
        found = {
            "text": text,
            "label": intent.label,
            "confidence": round(intent.confidence, 3),
            "evidence": list(intent.evidence),
        }
        print(json.dumps(found, ensure_ascii=False), flush=True)
    return GOOD


def run_evaluate(chosen: argparse.Namespace) -> int:
    if chosen.text:
        outcomes = evaluate_text(read_utterances(chosen.text), chosen.state)
        found = Evaluation(chosen.text.name, None, chosen.state, outcomes)
    else:
        recordings = read_recordings(chosen.audio)  # a mistake in the index shows before a model is loaded
        engine = _load_engine(chosen.engine)
        outcomes = evaluate_audio(recordings, engine, chosen.state)
        found = Evaluation(chosen.audio.name, engine.name, chosen.state, outcomes)
    print(json.dumps(as_json(found), ensure_ascii=False, indent=2) if chosen.json else as_text(found))
    if chosen.report:
        chosen.report.write_text(as_html(found), encoding="utf-8")
    return GOOD


# ---------------------------------------------------------------- the installation


def run_policy(chosen: argparse.Namespace) -> int:
    folder = settings.policies_dir(os.environ)
    if chosen.action == "show":
        policy = load_policies(folder).get(chosen.agency)
        print(policy.document, end="")
        print(f"# version {policy.version}, digest {policy.digest}")
        return GOOD
    if chosen.files:
        found = [load_policy(path) for path in chosen.files]
    else:
        found = list(load_policies(folder).by_slug.values())
    for policy in found:
        print(f"{policy.slug}  version {policy.version}  {policy.digest}  good")
    return GOOD


def run_doctor(_: argparse.Namespace) -> int:
    """What stands between this installation and its first call."""
    wiring = Wiring.from_environment()
    wiring.prepare()
    complaints = wiring.doctor.examine()
    for complaint in complaints:
        print(f"- {complaint}")
    print("ready for production" if not complaints else f"{len(complaints)} things to look at")
    return GOOD
