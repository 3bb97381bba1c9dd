"""`spelregel copy check` and `spelregel certificate`: for whoever has a file, and for the operator."""

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.copying.files import Form
from ivr.copying.signing import Signer
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.export import export_jsonl
from storage.records import Json
from tests.builders import House, environment, wav_of
from tests.certificates import DAY, DOCUMENTS, Authority
from tests.ivr.jobs.test_prepare_copy import bytes_of, use_certificate, wanted

KEY = bytes(range(32))


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    told = capsys.readouterr()
    return int(str(ended.value.code)), told.out + told.err


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


@pytest.fixture
def copies(house: House, authority: Authority, tmp_path: Path) -> dict[Form, Path]:
    """Handed out by a house with a certificate; its log is exported beside them."""
    use_certificate(house, authority.issue())
    wanted(house)
    house.run_jobs()
    house.wiring.seal_log()
    with (tmp_path / "log.jsonl").open("wb") as export:
        export_jsonl(house.wiring.database, export)
    files = {}
    for form in Form:
        files[form] = tmp_path / f"gesprek.{form}"
        files[form].write_bytes(bytes_of(house, form))
    return files


@pytest.fixture
def vkey(house: House) -> str:
    return house.wiring.signer.key.vkey()


@pytest.mark.parametrize("form", Form)
def test_a_good_copy_is_told_in_plain_words(
    copies: dict[Form, Path], authority: Authority, vkey: str, house: House, form: Form,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    given: list[str | Path] = ["--trust", authority.pem, "--log", tmp_path / "log.jsonl", "--key", vkey]
    code, told = run(capsys, "copy", "check", copies[form], *given)
    assert code == 0
    entry = house.entry("recording:stored")
    for words in (
        "trusted: unchanged since Gemeente Voorbeeld signed it",
        house.call.call_id,
        "pause         none",
        f"{entry.number} of spelregel.test/log, hash {entry.entry_hash}",
        "call, times, pauses and entry are as the credentials say",
        "this very file was handed out",
        "verdict       good",
    ):
        assert words in told
    assert ("every sample is the one" in told) == (form is Form.WAV)


def test_without_anything_else_the_file_speaks_for_itself(
    copies: dict[Form, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, "copy", "check", copies[Form.WAV])
    assert code == 0
    assert "who is not known to be that organisation" in told


def test_this_installation_holds_it_against_its_own_log(
    copies: dict[Form, Path], house: House, authority: Authority, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    files = authority.issue()
    own = {"SPELREGEL_CERTIFICATE": str(files.chain), "SPELREGEL_CERTIFICATE_KEY": str(files.key)}
    for name, value in environment(house.folder, DATABASE_URL=house.database_url, **own).items():
        monkeypatch.setenv(name, value)
    code, told = run(capsys, "copy", "check", copies[Form.WAV], "--here")
    assert (code, "trusted" in told, "every sample is the one" in told) == (0, True, True)


def test_a_changed_copy_is_not_good(copies: dict[Form, Path], capsys: pytest.CaptureFixture[str]) -> None:
    for path in copies.values():
        harmed = bytearray(path.read_bytes())
        harmed[-20_000] ^= 1
        path.write_bytes(harmed)
        code, told = run(capsys, "copy", "check", path)
        assert code == 3
        assert "changed: this is not what was signed" in told
        assert "verdict       not good" in told


def test_a_copy_signed_by_somebody_else_is_not_good(
    copies: dict[Form, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Authority(tmp_path / "stranger", "Een ander")
    assert run(capsys, "copy", "check", copies[Form.WAV], "--trust", stranger.pem)[0] == 3


def test_a_log_that_was_tampered_with_proves_nothing(
    copies: dict[Form, Path], tmp_path: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "log.jsonl"
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join(lines[:2] + lines[3:]))
    code, told = run(capsys, "copy", "check", copies[Form.WAV], "--log", export, "--key", vkey)
    assert code == 3
    assert "the export is not a whole log" in told


def test_another_logs_key_proves_nothing(
    copies: dict[Form, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = NoteSigner.from_seed("elsewhere.example/log", bytes(32)).key.vkey()
    code, _ = run(capsys, "copy", "check", copies[Form.WAV], "--log", tmp_path / "log.jsonl", "--key", other)
    assert code == 3


def test_a_recording_without_credentials_is_found_in_the_log_by_its_samples(
    copies: dict[Form, Path], house: House, tmp_path: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stripped = tmp_path / "plain.wav"
    with house.wiring.database.reading() as unit:
        row = unit.recordings.find_for_call(house.call.call_id)
    assert row is not None
    with house.wiring.store.open(row.object_key) as stored:
        stripped.write_bytes(stored.read())
    code, told = run(capsys, "copy", "check", stripped, "--log", tmp_path / "log.jsonl", "--key", vkey)
    assert code == 0
    assert "none: not signed, or the signature was taken out" in told
    assert "every sample is the one" in told


def test_wrong_use_gets_one_clear_line(
    copies: dict[Form, Path], tmp_path: Path, vkey: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.wav"
    text.write_text("this is no sound")
    wav = copies[Form.WAV]
    uses: list[tuple[Sequence[str | Path], str]] = [
        (["copy", "check", text], "neither a WAV nor an MP3"),
        (["copy", "check", tmp_path / "absent.wav"], "absent.wav"),
        (["copy", "check", wav, "--log", tmp_path / "log.jsonl"], "belong together"),
        (["copy", "check", wav, "--key", vkey], "belong together"),
        (["copy", "check", wav, "--log", tmp_path / "log.jsonl", "--key", "x"], "--key"),
        (["copy", "check", wav, "--log", text, "--key", vkey], "export"),
        (["copy", "check", wav, "--trust", text], "no certificate in PEM"),
    ]
    for words, named in uses:
        code, told = run(capsys, *words)
        assert (code, told.count("\n")) == (2, 1)
        assert named in told


def test_a_strangers_file_writes_no_control_characters_to_the_terminal(
    authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile: dict[str, Json] = {"agency": "\x1b[2Jleeg", "call": "\x07", "pauses": "none", "recording": [], "log": "x"}
    signed = Signer(authority.issue().load()).sign(Form.WAV, io.BytesIO(wav_of(1)), "\x1b]0;x", hostile)
    path = tmp_path / "hostile.wav"
    path.write_bytes(signed.read())
    code, told = run(capsys, "copy", "check", path)
    assert code == 0
    assert "\x1b" not in told
    assert "\x07" not in told


# ------------------------------------------------------------ the certificate


def test_a_demo_certificate_is_made_once_and_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, "certificate", "make-demo", tmp_path / "made")
    assert code == 0
    settings = dict(line.split("=", 1) for line in told.splitlines() if not line.startswith("#"))
    for name, value in environment(tmp_path, **settings).items():
        monkeypatch.setenv(name, value)
    code, told = run(capsys, "certificate", "check")
    assert code == 0
    assert "organisation  Gemeente Voorbeeld (demo)" in told
    assert "verdict       good" in told
    assert run(capsys, "certificate", "make-demo", tmp_path / "made")[0] == 2


def test_a_certificate_that_cannot_sign_is_told(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    code, told = run(capsys, "certificate", "check")
    assert (code, "is not set" in told) == (2, True)
    over, documents = authority.issue(ends=-DAY, name="over"), authority.issue(purposes=[DOCUMENTS], name="documents")
    for files, expected, named in ((over, 3, "not good at this moment"), (documents, 2, "emailProtection")):
        monkeypatch.setenv("SPELREGEL_CERTIFICATE", str(files.chain))
        monkeypatch.setenv("SPELREGEL_CERTIFICATE_KEY", str(files.key))
        code, told = run(capsys, "certificate", "check")
        assert code == expected
        assert named in told


def test_checking_a_copy_needs_no_settings_at_all(copies: dict[Form, Path]) -> None:
    command = [sys.executable, "-m", "ivr", "copy", "check", str(copies[Form.MP3])]
    done = subprocess.run(command, env={"PYTHONPATH": str(Path.cwd())}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
