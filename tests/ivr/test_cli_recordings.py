"""The commands for recordings at rest: what they print, with which exit code, and what doctor says of the place."""

import base64
from pathlib import Path

import pytest

from config import settings
from ivr.calls.jobs import JobKind
from ivr.cli import main
from ivr.doctor import FAULTS, Trouble
from ivr.wiring import Wiring
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import LocalKey
from tests.builders import House, environment, wav_of
from tests.fakes import RECORDING_SID
from tests.s3_server import BUCKET, S3Server

KEY = recording_key(RECORDING_SID)
SOUND = wav_of(20)
OLD, NEW = bytes(range(32)), bytes(32)
OLD_ID, NEW_ID = LocalKey(OLD).key_id.hex(), LocalKey(NEW).key_id.hex()


@pytest.fixture
def served(house: House, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """A stored recording, in a house that the environment names."""
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url).items():
        monkeypatch.setenv(name, value)
    house.stopped(20)
    house.carrier.files[RECORDING_SID] = SOUND
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return house


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, list[str], str]:
    """Exit code, lines, complaint."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    told = capsys.readouterr()
    return ended.value.code, told.out.splitlines(), told.err


def file_of(house: House) -> Path:
    return house.wiring.settings.recordings_dir / KEY


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def test_whole_recordings(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "recordings", "check") == (0, ["1 whole, 0 not"], "")
    assert run(capsys, "recordings", "check", served.call.call_id) == (0, ["1 whole, 0 not"], "")


def test_a_damaged_recording(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    damage(file_of(served))
    code, (line, summary), _ = run(capsys, "recordings", "check")
    assert (code, summary) == (3, "0 whole, 1 not")
    assert line.startswith(f"damaged  {KEY}  {served.call.call_id}  ")


def test_a_call_that_is_not_there(served: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "recordings", "check", "x") == (2, [], "spelregel: there is no call x\n")


def test_another_key_from_beginning_to_end(
    served: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPELREGEL_RECORDING_KEY", NEW.hex())
    code, (line, *_), _ = run(capsys, "recordings", "check")
    assert code == 3
    assert f"needs the recording key {OLD_ID}, which is not configured" in line

    monkeypatch.setenv("SPELREGEL_EARLIER_RECORDING_KEYS", base64.b64encode(OLD).decode())
    assert run(capsys, "recordings", "check")[0] == 0
    assert run(capsys, "recordings", "rewrap", "--dry-run") == (0, [f"1 under an earlier key {OLD_ID}"], "")
    assert run(capsys, "recordings", "rewrap") == (
        0,
        [
            "1 moved, 0 were under the current key, 0 stay",
            f"1 under the current key {NEW_ID}",
            "nothing needs an earlier key: SPELREGEL_EARLIER_RECORDING_KEYS may go",
        ],
        "",
    )
    assert run(capsys, "recordings", "rewrap")[1][0] == "0 moved, 1 were under the current key, 0 stay"
    monkeypatch.delenv("SPELREGEL_EARLIER_RECORDING_KEYS")
    assert run(capsys, "recordings", "check") == (0, ["1 whole, 0 not"], "")


def test_what_cannot_be_moved(
    served: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPELREGEL_RECORDING_KEY", NEW.hex())
    code, lines, _ = run(capsys, "recordings", "rewrap")
    assert code == 3
    assert lines[0].startswith(f"not moved  {KEY}  ")
    assert lines[1:] == ["0 moved, 0 were under the current key, 1 stay", f"1 under an earlier key {OLD_ID}"]


def test_a_file_from_a_backup_is_decrypted(served: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup, out = tmp_path / KEY.rsplit("/", 1)[1], tmp_path / "out.wav"
    backup.write_bytes(file_of(served).read_bytes())
    assert run(capsys, "recordings", "decrypt", str(backup), str(out)) == (0, [f"{out} is what was stored"], "")
    assert out.read_bytes() == SOUND
    code, _, said = run(capsys, "recordings", "decrypt", str(backup), str(out))
    assert (code, said.count("\n")) == (2, 1)
    assert "File exists" in said

    damage(backup)
    code, lines, said = run(capsys, "recordings", "decrypt", str(backup), str(tmp_path / "other.wav"))
    assert (code, lines, said.count("\n")) == (3, [], 1)
    assert not (tmp_path / "other.wav").exists()


# ---------------------------------------------------------------- doctor

OF_RECORDINGS = {*FAULTS.values(), Trouble.KEY_UNUSABLE, Trouble.EARLIER_KEYS}


def troubles(folder: Path, sqlite_url: str, **changes: str) -> set[Trouble]:
    wiring = Wiring(settings.load(environment(folder, DATABASE_URL=sqlite_url, **changes)))
    found = {complaint.trouble for complaint in wiring.doctor.examine()}
    wiring.database.close()
    return found & OF_RECORDINGS


def test_doctor_has_nothing_to_say_of_a_good_folder(tmp_path: Path, sqlite_url: str) -> None:
    assert troubles(tmp_path, sqlite_url) == set()


def test_doctor_names_a_place_that_cannot_be_written_to(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    place = f"file://{tmp_path}/file/recordings"
    assert troubles(tmp_path, sqlite_url, SPELREGEL_RECORDINGS=place) == {Trouble.STORE_UNUSABLE}


def test_doctor_remembers_the_earlier_keys(tmp_path: Path, sqlite_url: str) -> None:
    assert troubles(tmp_path, sqlite_url, SPELREGEL_EARLIER_RECORDING_KEYS=NEW.hex()) == {Trouble.EARLIER_KEYS}


def test_doctor_tries_the_key_in_a_token(tmp_path: Path, sqlite_url: str) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(b"no module")
    key = {
        "SPELREGEL_RECORDING_KEY": "pkcs11:token=kluis;object=opnamen",
        "SPELREGEL_PKCS11_MODULE": str(module),
        "SPELREGEL_PKCS11_PIN": "1234",
    }
    assert troubles(tmp_path, sqlite_url, **key) == {Trouble.KEY_UNUSABLE}


@pytest.mark.usefixtures("s3_credentials")
def test_doctor_tries_the_bucket(tmp_path: Path, sqlite_url: str, s3: S3Server) -> None:
    place = {"SPELREGEL_S3_ENDPOINT": s3.endpoint, "SPELREGEL_RECORDINGS": f"s3://{BUCKET}/doctor"}
    assert troubles(tmp_path, sqlite_url, **place) == {Trouble.STORE_OVERWRITES}
    elsewhere = {**place, "SPELREGEL_RECORDINGS": "s3://elsewhere"}
    assert troubles(tmp_path, sqlite_url, **elsewhere) == {Trouble.STORE_UNUSABLE}


@pytest.mark.usefixtures("s3_credentials")
def test_a_call_whose_recording_goes_into_a_bucket(
    tmp_path: Path, sqlite_url: str, s3: S3Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same service, by environment alone: collected, checked, moved, played, destroyed."""
    place = {"SPELREGEL_S3_ENDPOINT": s3.endpoint, "SPELREGEL_RECORDINGS": f"s3://{BUCKET}/a-call"}
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url, **place).items():
        monkeypatch.setenv(name, value)
    house = House(tmp_path, sqlite_url)
    vars(house.wiring).update(store=Wiring(settings.load(environment(tmp_path, **place))).store)
    house.stopped(20)
    house.carrier.files[RECORDING_SID] = SOUND
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    assert house.tags[-2:] == ["recording:stored", "recording:carrier-deleted"]
    assert run(capsys, "recordings", "check")[:2] == (0, ["1 whole, 0 not"])
    monkeypatch.setenv("SPELREGEL_RECORDING_KEY", NEW.hex())
    monkeypatch.setenv("SPELREGEL_EARLIER_RECORDING_KEYS", OLD.hex())
    assert run(capsys, "recordings", "rewrap")[1][0] == "1 moved, 0 were under the current key, 0 stay"
    assert run(capsys, "recordings", "check")[:2] == (0, ["1 whole, 0 not"])
    house.clock.pass_s(31 * 86_400)
    assert len(house.wiring.retention.destroy_due().recordings) == 1
    assert list(house.wiring.store.list_keys()) == []
    assert house.tags[-1] == "recording:destroyed"
    house.close()
