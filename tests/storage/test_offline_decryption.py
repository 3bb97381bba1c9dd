"""The program in docs, and our own command for a file outside the store, say the same of every object."""

import base64
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from storage.errors import ObjectDamaged
from storage.recordings.cipher import CHUNK_BYTES, PREFIX_BYTES, SEALED_CHUNK_BYTES
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.keys import citizen_copy_key, copy_key, part_key, recording_key
from storage.recordings.loose_file import open_loose
from storage.recordings.master_keys import Keyring, LocalKey
from tests.builders import wav_of

PROGRAM = Path(__file__).parents[2] / "docs" / "decrypt_recording.py"
MASTER = bytes(range(32))
KEYRING = Keyring(LocalKey(MASTER))
KEY = recording_key("rec-1")
SOUND = wav_of(2)


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("decrypt_recording", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.txt"
    path.write_text(MASTER.hex() + "\n", encoding="ascii")
    return path


def stored(folder: Path, plain: bytes, key: str = KEY) -> Path:
    FilesystemStore(folder / "store", KEYRING).write(key, [plain])
    return folder / "store" / key


def ours(path: Path, name: str | None = None) -> bytes | None:
    """None where it is refused."""
    try:
        with open_loose(path, KEYRING, name) as sound:
            return sound.read()
    except ObjectDamaged:
        return None


def theirs(program: ModuleType, path: Path, key_file: Path, *name: str) -> bytes | None:
    out = path.with_suffix(".out")
    code = program.main([str(path), str(key_file), str(out), *name])
    assert code == (0 if out.exists() else 3)
    assert not path.with_suffix(".out.part").exists()
    if not out.exists():
        return None
    plain = out.read_bytes()
    out.unlink()
    return plain


def test_the_program_is_short_and_needs_nothing_of_ours() -> None:
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("\n") < 150
    code = f"import sys, runpy; sys.argv = ['x']; runpy.run_path({str(PROGRAM)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"storage", "ivr", "config", "speech"}
    assert "cryptography" in loaded


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 50_000])
def test_both_give_what_was_stored(tmp_path: Path, program: ModuleType, key_file: Path, size: int) -> None:
    path = stored(tmp_path, (SOUND * 2)[:size])
    assert theirs(program, path, key_file) == ours(path) == (SOUND * 2)[:size]


@pytest.mark.parametrize("key", [KEY, copy_key("r-1", "mp3"), citizen_copy_key("u-1"), part_key("u-1", "p-1")])
def test_a_files_own_name_is_enough_for_each_kind(
    tmp_path: Path, program: ModuleType, key_file: Path, key: str
) -> None:
    elsewhere = tmp_path / key.rsplit("/", 1)[1]
    elsewhere.write_bytes(stored(tmp_path, SOUND, key).read_bytes())
    assert theirs(program, elsewhere, key_file) == ours(elsewhere) == SOUND


def test_a_file_with_another_name_needs_that_of_the_object(tmp_path: Path, program: ModuleType, key_file: Path) -> None:
    elsewhere = tmp_path / "opname.bin"
    elsewhere.write_bytes(stored(tmp_path, SOUND).read_bytes())
    assert theirs(program, elsewhere, key_file) is ours(elsewhere) is None
    assert theirs(program, elsewhere, key_file, KEY) == ours(elsewhere, KEY) == SOUND
    assert theirs(program, elsewhere, key_file, recording_key("x")) is ours(elsewhere, recording_key("x")) is None


HARMS = {
    **{f"bit {at}": (at, None) for at in (0, 8, 16, 28, 60, 75, 76, 99, 100, 131, 132, 16_531, 16_532, -1)},
    **{
        f"first {length} bytes": (None, length)
        for length in (0, 8, 75, 76, 100, 131, 132, 147, 148, 16_531, 16_532, 16_533, 16_548, -16, -1)
    },
}


@pytest.mark.parametrize(("at", "length"), HARMS.values(), ids=HARMS)
def test_both_refuse_what_was_harmed(
    tmp_path: Path, program: ModuleType, key_file: Path, at: int | None, length: int | None
) -> None:
    path = stored(tmp_path, SOUND[: 2 * CHUNK_BYTES + 100])
    data = bytearray(path.read_bytes())
    if at is not None:
        data[at] ^= 1
    path.write_bytes(bytes(data if length is None else data[:length]))
    assert theirs(program, path, key_file) is ours(path) is None


@pytest.mark.parametrize("act", ["swap", "drop", "double", "append", "last dropped"])
def test_both_refuse_chunks_that_are_not_as_they_were(
    tmp_path: Path, program: ModuleType, key_file: Path, act: str
) -> None:
    path = stored(tmp_path, SOUND[: 3 * CHUNK_BYTES])
    data = path.read_bytes()
    chunks = [data[at : at + SEALED_CHUNK_BYTES] for at in range(PREFIX_BYTES, len(data), SEALED_CHUNK_BYTES)]
    if act == "swap":
        chunks[0], chunks[1] = chunks[1], chunks[0]
    elif act == "drop":
        del chunks[1]
    elif act == "double":
        chunks.insert(1, chunks[1])
    elif act == "append":
        chunks.append(chunks[-1])
    else:
        del chunks[-1]
    path.write_bytes(data[:PREFIX_BYTES] + b"".join(chunks))
    assert theirs(program, path, key_file) is ours(path) is None


@pytest.mark.parametrize(
    "form", [MASTER.hex(), base64.b64encode(MASTER).decode(), base64.urlsafe_b64encode(MASTER).decode()]
)
def test_a_key_in_each_form_from_the_standard_input(tmp_path: Path, form: str) -> None:
    path, out = stored(tmp_path, SOUND), tmp_path / "out.wav"
    command = [sys.executable, "-I", str(PROGRAM), str(path), "-", str(out)]
    subprocess.run(command, input=form, text=True, check=True)
    assert out.read_bytes() == SOUND
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [
        ((bytes(32)).hex(), 3, "this needs another recording key: ed17625f2f062fab"),
        ("kort", 3, "the recording key has to be 32 bytes"),
        ("é" * 64, 2, "ascii"),
    ],
)
def test_a_wrong_key_is_refused_in_words(tmp_path: Path, key: str, code: int, said: str) -> None:
    path, key_file = stored(tmp_path, SOUND), tmp_path / "key.txt"
    key_file.write_text(key, encoding="utf-8")
    out = tmp_path / "out.wav"
    command = [sys.executable, "-I", str(PROGRAM), str(path), str(key_file), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_an_existing_file_is_not_overwritten(tmp_path: Path, program: ModuleType, key_file: Path) -> None:
    path, out = stored(tmp_path, SOUND), tmp_path / "out.wav"
    out.write_bytes(b"mine")
    assert program.main([str(path), str(key_file), str(out)]) == 2
    assert out.read_bytes() == b"mine"
    assert program.main([]) == 2
    assert program.main([str(tmp_path / "nothing"), str(key_file), str(tmp_path / "new.wav")]) == 2
