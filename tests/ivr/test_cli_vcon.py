"""`spelregel vcon`: a call as a file, and the check of one, with nothing but the file and what one trusts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli import main
from tests.builders import CALL_SID, NUMBER, House, environment, wav_of
from tests.certificates import Authority
from tests.ivr.calls.vcons import SECONDS, recorded_call

VARIABLES = ("SPELREGEL_CERTIFICATE", "SPELREGEL_CERTIFICATE_KEY")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A recorded call, and the environment of the service that has it."""
    files = authority.issue()
    made = recorded_call(tmp_path, sqlite_url, files.load())
    own = dict(zip(VARIABLES, (str(files.chain), str(files.key)), strict=True))
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url, **own).items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


def spelregel(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def forget_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's machine."""
    for name in environment(Path("/nowhere")):
        monkeypatch.delenv(name, raising=False)


def test_a_vcon_is_made_and_checked_elsewhere(
    house: House,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, key = tmp_path / "call.vcon", house.wiring.log_keys[0].vkey()
    assert spelregel("vcon", "make", house.call.call_id, "--inline", "--out", str(file)) == 0
    forget_settings(monkeypatch)
    assert spelregel("vcon", "check", str(file), "--trust", str(authority.pem), "--log-key", key) == 0
    told = capsys.readouterr().out
    assert told.endswith("this is what the agency gave\n")
    assert "made with the key of Gemeente Voorbeeld" in told
    assert spelregel("vcon", "check", str(file)) == 3
    assert "nobody whom you trust was named" in capsys.readouterr().out
    assert spelregel("vcon", "check", str(file), "--trust", str(authority.pem), "--at", "2019-01-01") == 3


def test_a_changed_file_is_named(
    house: House, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "call.vcon"
    spelregel("vcon", "make", house.call.call_id, "--out", str(file))
    signed = json.loads(file.read_text())
    signed["payload"] = signed["payload"][:-8] + signed["payload"][:8]
    file.write_text(json.dumps(signed))
    code = spelregel("vcon", "check", str(file), "--trust", str(authority.pem))
    assert code in (2, 3)
    assert "this is what the agency gave" not in capsys.readouterr().out


def test_the_recording_is_compared_with_its_digest(
    house: House, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sound = tmp_path / "call.vcon", tmp_path / "call.wav"
    spelregel("vcon", "make", house.call.call_id, "--out", str(file))
    check = ("vcon", "check", str(file), "--trust", str(authority.pem), "--recording", str(sound))
    sound.write_bytes(wav_of(SECONDS))
    assert spelregel(*check) == 0
    sound.write_bytes(wav_of(SECONDS)[:-2])
    assert spelregel(*check) == 3
    assert "the sound in your file does not have all the digests that are named" in capsys.readouterr().out


def test_it_goes_to_stdout_and_never_over_a_file(
    house: House, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert spelregel("vcon", "make", house.call.call_id) == 0
    assert set(json.loads(capsysbinary.readouterr().out)) == {"payload", "signatures"}
    file = tmp_path / "call.vcon"
    file.write_text("mine")
    assert spelregel("vcon", "make", house.call.call_id, "--out", str(file)) == 2
    assert file.read_text() == "mine"


def test_without_a_certificate_it_says_that_it_is_not_signed(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name)
    assert spelregel("vcon", "make", house.call.call_id) == 0
    assert "not signed, because there is no SPELREGEL_CERTIFICATE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("make", "onbekend"), "there is no call onbekend"),
        (("check", "{folder}/absent.vcon"), "No such file"),
        (("check", "{folder}/text.vcon"), "not JSON"),
        (("check", "{folder}/text.vcon", "--trust", "{folder}/text.vcon"), "has no certificates in PEM"),
        (("check", "{folder}/text.vcon", "--log-key", "sleutel"), "--log-key must be a verifier key"),
        (("check", "{folder}/text.vcon", "--at", "gisteren"), "invalid day value"),
    ],
)
def test_wrong_use_is_one_clear_line(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    (tmp_path / "text.vcon").write_text(f"{CALL_SID} {NUMBER}")
    assert spelregel("vcon", *(part.format(folder=tmp_path) for part in arguments)) == 2
    assert told in capsys.readouterr().err
