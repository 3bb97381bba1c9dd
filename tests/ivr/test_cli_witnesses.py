"""The command `witness`: what it prints and its exit codes."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.records.witnessing import Witnessing
from storage.consent_log.checkpoint import open_note
from storage.consent_log.export import export_jsonl
from storage.records import NewEntry
from tests.builders import BEGAN, House, environment
from tests.ivr.test_cli import complaint, spelregel
from tests.ivr.witnesses.outsiders import OpensslAuthority, OutsideWitness, accepts, web_server
from tests.storage.two_verifiers import judge

ORIGIN = "spelregel.test/log"
NAME = "witness.test/w1"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return folder


@pytest.fixture
def house(
    tmp_path: Path, sqlite_url: str, kept: Path, outside: OutsideWitness, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The environment of an installation with a witness, a time stamp authority and a folder."""
    authority = OpensslAuthority(tmp_path / "authority")
    with web_server(outside) as witness, web_server(authority) as tsa:
        addresses = f"witness+{witness}#{outside.vkey} tsa+{tsa}/stamps#{authority.pinned} file://{kept}"
        house = House(tmp_path, sqlite_url, variables={"SPELREGEL_WITNESSES": addresses})
        outside.log_key = house.wiring.signer.key.public.public_bytes_raw()
        for name, value in environment(tmp_path, DATABASE_URL=sqlite_url, SPELREGEL_WITNESSES=addresses).items():
            monkeypatch.setenv(name, value)
        grow(house, 4)
        yield house
        house.close()


@pytest.fixture
def outside() -> OutsideWitness:
    return OutsideWitness(NAME, ORIGIN, b"")


def grow(house: House, count: int) -> None:
    with house.wiring.database.transaction() as unit:
        for _ in range(count):
            unit.log.append(NewEntry("test", f"test:{unit.checks.state().size}", "prompt:played", BEGAN))


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


@pytest.mark.usefixtures("house")
def test_sending_signs_and_names_what_each_witness_said(capsys: pytest.CaptureFixture[str], kept: Path) -> None:
    assert spelregel("witness", "list") == 0
    assert capsys.readouterr().out.count("nothing yet") == 3
    assert spelregel("witness", "send") == 0
    cosigner, stamps, folder = capsys.readouterr().out.splitlines()
    assert cosigner.endswith("  cosigned  4 entries")
    assert stamps.endswith("  stamped  4 entries")
    assert folder == f"file://{kept}  kept  4 entries"
    assert spelregel("witness", "list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert ["cosigned 4 entries" in line for line in listed] == [True, False, False]
    assert not any("waits" in line for line in listed)
    assert spelregel("witness", "check") == 0
    assert capsys.readouterr().out == "whole: 4 entries, 3 statements of witnesses, 1 kept checkpoints\n"


def test_one_that_fails_is_named_and_the_others_get_theirs(
    house: House, capsys: pytest.CaptureFixture[str], outside: OutsideWitness, kept: Path
) -> None:
    outside.log_name = "elsewhere.test/log"
    assert spelregel("witness", "send") == 2
    told = capsys.readouterr()
    assert "does not know this log" in told.err
    assert len(told.out.splitlines()) == 2
    assert len(list(kept.iterdir())) == 1
    assert house.wiring.witnessing.look()[0].waits_since is not None


def test_a_witness_that_saw_another_log_ends_in_three_and_is_listed(
    capsys: pytest.CaptureFixture[str], outside: OutsideWitness, house: House
) -> None:
    outside.seen = (9, bytes(32))
    assert spelregel("witness", "send") == 3
    assert "has seen 9 entries of this log; ours has 4" in capsys.readouterr().err
    assert spelregel("witness", "list") == 0
    assert "DISAGREES: entry 4, and it took nothing before" in capsys.readouterr().out
    assert isinstance(house.wiring.witnessing, Witnessing)


def test_checkpoints_that_somebody_else_kept_are_held_against_the_log(
    house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    spelregel("witness", "send")
    taken_along = tmp_path / "taken along"
    assert spelregel("witness", "export", str(taken_along)) == 0
    capsys.readouterr()
    assert spelregel("witness", "check", str(taken_along)) == 0
    assert capsys.readouterr().out == "whole: 4 entries, 3 statements of witnesses, 2 kept checkpoints\n"
    harm(house, "UPDATE log_entries SET body = replace(body, '2026', '2025') WHERE number = 1")
    assert spelregel("witness", "check", str(taken_along)) == 3
    assert "broken: entry 1: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE witness_statements SET answer = x'3000' WHERE kind = 'stamped'", "not a time stamp"),
        ("UPDATE witness_statements SET note = 'x' WHERE kind = 'kept'", "was replaced"),
        ("UPDATE log_head SET size = 3", "the head counts 3 entries"),
        ("DELETE FROM log_entries WHERE number = 3", "entry 3: missing"),
    ],
)
def test_what_was_harmed_is_named(house: House, capsys: pytest.CaptureFixture[str], statement: str, told: str) -> None:
    spelregel("witness", "send")
    capsys.readouterr()
    harm(house, statement)
    assert spelregel("witness", "check") == 3
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("broken: ") for line in lines)
    assert any(told in line for line in lines)


@pytest.mark.usefixtures("house")
def test_a_kept_file_that_was_changed_is_named(capsys: pytest.CaptureFixture[str], kept: Path) -> None:
    spelregel("witness", "send")
    capsys.readouterr()
    (file,) = kept.iterdir()
    file.write_text(file.read_text().replace("\n4\n", "\n3\n"))
    assert spelregel("witness", "check") == 3
    told = capsys.readouterr().out
    assert f"{file.name} is not what was put there" in told
    assert "checkpoint of 3: the signature of spelregel.test/log is false" in told


def test_what_is_exported_can_be_checked_without_us(house: House, tmp_path: Path, outside: OutsideWitness) -> None:
    spelregel("witness", "send")
    spelregel("witness", "export", str(tmp_path / "out"))
    signed = tmp_path / "out" / "checkpoint-000000000004.txt"
    (cosigned,) = (tmp_path / "out").glob("*.cosigned.txt")
    (stamp,) = (tmp_path / "out").glob("*.tsr")
    note = signed.read_text()
    text, _ = open_note(note, house.wiring.log_keys)
    assert cosigned.read_text() == note + outside.cosign(text)
    authority = tmp_path / "authority"
    assert accepts(authority, stamp, signed)
    signed.write_text(note.replace("log", "dog"))
    assert not accepts(authority, stamp, signed)


def test_both_verifiers_accept_an_export_with_cosignatures(house: House, tmp_path: Path) -> None:
    spelregel("witness", "send")
    export = io.BytesIO()
    export_jsonl(house.wiring.database, export)
    assert f"\\n— {NAME} ".encode() in export.getvalue()
    assert judge(export.getvalue(), tmp_path, house.wiring.log_keys) == ("whole", 4, 4)


@pytest.mark.usefixtures("house")
def test_a_folder_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert spelregel("witness", "check", str(tmp_path / "nowhere")) == 2
    assert "nowhere" in complaint(capsys)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("witness+https://w.test/#w.test/w1+00000000+BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", "key id"),
        ("tsa+https://tsa.test/#/nowhere/tsa.pem", "No such file"),
    ],
)
def test_a_key_or_certificate_that_is_none_stops_at_once(
    address: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPELREGEL_WITNESSES", address)
    assert spelregel("witness", "list") == 2
    assert told in complaint(capsys)


def test_without_witnesses_it_says_so_and_still_signs(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPELREGEL_WITNESSES")
    assert spelregel("witness", "list") == 0
    assert capsys.readouterr().out == "no witnesses: SPELREGEL_WITNESSES is not set\n"
    assert spelregel("witness", "send") == 0
    with house.wiring.database.reading() as unit:
        assert unit.checks.state().sealed_size == 4
