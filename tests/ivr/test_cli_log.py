"""The commands about the consent log: for the agency, and for outsiders who have a file and a public key."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from ivr.cli import main
from ivr.dialogue.events import Heard
from storage.consent_log.checkpoint import NoteSigner, open_checkpoint, parse_vkey
from storage.consent_log.export import export_jsonl
from tests.builders import House, environment

OTHER_KEY = NoteSigner.from_seed("spelregel.test/log", bytes(32)).key.vkey()


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an installation; gives its folder."""
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url).items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def called(settings: Path, house: House) -> House:
    """A call with a consent entry, on the database that the settings name."""
    house.confirmed()
    return house


@pytest.fixture
def exported(called: House, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export of the sealed log, for somebody who has nothing of ours but that and the key."""
    called.wiring.seal_log()
    path = called.folder / "log.jsonl"
    with path.open("wb") as sink:
        export_jsonl(called.wiring.database, sink)
    for name in environment(called.folder, DATABASE_URL=""):
        monkeypatch.delenv(name)
    return path


def key_of(house: House) -> str:
    return house.wiring.signer.key.vkey()


def spelregel(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr."""
    told = capsys.readouterr().err
    assert told.count("\n") == 1, told
    assert told.startswith("spelregel: ")
    assert "Traceback" not in told
    return told


# ---------------------------------------------------------------- the log of this installation


def test_a_whole_log(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "verify") == 0
    assert capsys.readouterr().out == f"whole: {len(called.tags)} entries, 0 of them under a signed checkpoint\n"


def test_a_log_under_a_checkpoint_that_was_kept(
    called: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    note = tmp_path / "kept.note"
    note.write_text(called.wiring.seal_log(), encoding="utf-8")
    size = len(called.tags)
    called.hears(Heard.STOP, "stop")
    assert spelregel("log", "verify", "--since", str(note)) == 0
    assert f"{size} of them under a signed checkpoint" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (
            "UPDATE log_entries SET body = replace(body, 'given', 'refused') WHERE tag = 'consent:given'",
            6,
        ),
        ("UPDATE log_entries SET tag = 'consent:refused' WHERE tag = 'consent:given'", 6),
        ("DELETE FROM log_entries WHERE number = 2", 2),
        ("UPDATE log_personal SET value = 'nee' WHERE name = 'answer'", 6),
    ],
)
def test_a_harmed_log_names_its_first_bad_entry(
    called: House, harm: str, named: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Entry 6 is the consent: opened, played, joined, heard, requested, played, given."""
    assert called.tags[6] == "consent:given"
    called.wiring.database.close()
    with sqlite3.connect(called.folder / "spelregel.db") as connection:
        assert connection.execute(harm).rowcount == 1
    connection.close()
    assert spelregel("log", "verify") == 3
    assert f"{named}" in capsys.readouterr().out.split(":")[1]


@pytest.mark.parametrize("content", [None, b"not a note", b"\xff\xfe\x00"])
def test_a_checkpoint_that_is_none(
    called: House, content: bytes | None, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    note = tmp_path / "kept.note"
    if content is not None:
        note.write_bytes(content)
    code = spelregel("log", "verify", "--since", str(note))
    told = capsys.readouterr()
    assert code in (2, 3)
    assert "Traceback" not in told.err + told.out
    assert len((told.err + told.out).splitlines()) == 1


def test_a_call_is_shown(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "show", called.call.call_id) == 0
    record = json.loads(capsys.readouterr().out)
    assert UUID(record["record_id"]).hex == called.call.call_id
    assert [line["tag"] for line in record["log_entries"]] == called.tags


def test_an_unknown_call_is_not_shown(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "show", "nobody") == 2
    assert "there is no call nobody" in complaint(capsys)


def test_a_harmed_entry_is_not_shown(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    call_id = called.call.call_id
    called.wiring.database.close()
    with sqlite3.connect(called.folder / "spelregel.db") as connection:
        connection.execute("UPDATE log_entries SET body = '{' WHERE number = 2")
    connection.close()
    assert spelregel("log", "show", call_id) == 3
    assert "entry 2" in complaint(capsys)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_the_log_is_exported(called: House, form: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert spelregel("log", "export", "--format", form) == 0
    assert b"consent:given" in capfdbinary.readouterr().out


def test_every_kept_checkpoint_counts(called: House, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first, second = tmp_path / "first.note", tmp_path / "second.note"
    first.write_text(called.wiring.seal_log(), encoding="utf-8")
    forged = NoteSigner(called.wiring.log_origin, called.wiring.signer.private)
    second.write_text(forged.sign(f"{called.wiring.log_origin}\n3\n{'A' * 43}=\n"), encoding="utf-8")
    assert spelregel("log", "verify", "--since", first) == 0
    assert spelregel("log", "verify", "--since", first, "--since", second) == 3
    assert "a checkpoint signed" in capsys.readouterr().out


def test_a_key_is_for_an_export(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "verify", "--key", key_of(called)) == 2
    assert "--key is for an --export" in complaint(capsys)


# ---------------------------------------------------------------- keys and seals


def test_the_keys_are_printed_the_one_that_signs_now_first(
    called: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPELREGEL_EARLIER_LOG_KEYS", OTHER_KEY)
    assert spelregel("log", "key") == 0
    assert capsys.readouterr().out.splitlines() == [key_of(called), OTHER_KEY]


def test_sealing_prints_the_signed_head_and_again_the_same(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "seal") == 0
    note = capsys.readouterr().out
    assert open_checkpoint(note, [called.wiring.signer.key]).size == len(called.tags)
    assert spelregel("log", "seal") == 0
    assert capsys.readouterr().out == note


def test_after_a_change_of_key_old_checkpoints_count_only_with_the_old_public_key(
    called: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called.wiring.seal_log()
    size = len(called.tags)
    called.hears(Heard.STOP, "stop")
    monkeypatch.setenv("SPELREGEL_SIGNING_KEY", "11" * 32)
    assert spelregel("log", "verify") == 3
    assert "no known key signed this" in capsys.readouterr().out
    assert spelregel("log", "seal") == 3, "what an unknown key signed is not continued"
    assert "no known key signed this" in complaint(capsys)
    monkeypatch.setenv("SPELREGEL_EARLIER_LOG_KEYS", key_of(called))
    assert spelregel("log", "verify") == 0
    assert f"{size} of them" in capsys.readouterr().out
    assert spelregel("log", "seal") == 0
    capsys.readouterr()
    assert spelregel("log", "verify") == 0
    assert f"{len(called.tags)} of them" in capsys.readouterr().out


def test_a_host_with_a_new_name_goes_on_signing_the_same_log(
    called: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called.wiring.seal_log()
    called.hears(Heard.STOP, "stop")
    monkeypatch.setenv("SPELREGEL_PUBLIC_URL", "http://elders.test")
    monkeypatch.setenv("SPELREGEL_EARLIER_LOG_KEYS", key_of(called))
    assert spelregel("log", "seal") == 0
    assert capsys.readouterr().out.startswith("elders.test/log\n")
    assert spelregel("log", "verify") == 0


# ---------------------------------------------------------------- an export, without settings or database


def test_an_export_is_checked_with_the_key_alone(
    called: House, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(called.tags)
    assert spelregel("log", "verify", "--export", exported, "--key", key_of(called)) == 0
    assert capsys.readouterr().out == f"whole: {count} entries, {count} of them under a signed checkpoint\n"


def test_several_keys_may_stand_in_one_argument(called: House, exported: Path) -> None:
    assert spelregel("log", "verify", "--export", exported, "--key", f"{OTHER_KEY}\n{key_of(called)}\n") == 0


def test_a_harmed_export_names_its_first_bad_entry(
    called: House, exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"2026", b"2025")
    exported.write_bytes(b"".join(lines))
    assert spelregel("log", "verify", "--export", exported, "--key", key_of(called)) == 3
    assert capsys.readouterr().out.startswith("broken: entry 4: ")


def test_an_export_under_another_key_is_broken(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "verify", "--export", exported, "--key", OTHER_KEY) == 3
    assert "no known key signed this" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"", "not an export"),
        (b"number,call_id\n0,x\n", "not an export"),
        (b"%PDF-1.7\n\xff\xfe\n", "not an export"),
        (b"x" * 3_000_000, "not an export"),
    ],
)
def test_a_file_that_is_no_export(
    content: bytes | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    assert spelregel("log", "verify", "--export", path, "--key", OTHER_KEY) == 2
    assert told in complaint(capsys)


@pytest.mark.parametrize("keys", [[], ["--key", "no key"], ["--key", OTHER_KEY[:-5]], ["--key", ""]])
def test_without_a_key_nothing_can_be_checked(
    keys: list[str], exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert spelregel("log", "verify", "--export", exported, *keys) == 2
    assert "--key" in complaint(capsys)


# ---------------------------------------------------------------- proofs


@pytest.fixture
def proven(called: House, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with all entries of the call and their proofs."""
    called.wiring.seal_log()
    folder = called.folder / "proofs"
    assert spelregel("log", "prove", called.call.call_id, "--out", folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(called.tags)
    return folder


def check_proof(folder: Path, number: int, key: str) -> int:
    return spelregel(
        "log", "check-proof", folder / f"entry-{number}.tlog-proof", folder / f"entry-{number}.json", "--key", key
    )


def test_every_entry_of_a_call_has_its_proof(
    called: House, proven: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment(called.folder, DATABASE_URL=""):
        monkeypatch.delenv(name)
    for number, tag in enumerate(called.tags):
        assert check_proof(proven, number, key_of(called)) == 0
        told = capsys.readouterr().out
        assert told.startswith(f"proven: entry {number}, {tag} at 2026-")
        assert told.endswith(f"is among the first {len(called.tags)} of spelregel.test/log\n")


def test_one_entry_is_proven_by_its_number(called: House, proven: Path, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    assert spelregel("log", "prove", "4", "--out", folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["entry-4.json", "entry-4.tlog-proof"]
    assert (folder / "entry-4.json").read_bytes() == (proven / "entry-4.json").read_bytes()


def test_a_proof_is_a_kept_checkpoint_too(called: House, proven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "verify", "--since", proven / "entry-3.tlog-proof") == 0
    signed = len(called.tags)
    called.wiring.database.close()
    with sqlite3.connect(called.folder / "spelregel.db") as connection:
        connection.execute("DELETE FROM checkpoints")
        connection.execute("DELETE FROM log_personal WHERE number = (SELECT max(number) FROM log_entries)")
        connection.execute("DELETE FROM log_entries WHERE number = (SELECT max(number) FROM log_entries)")
    connection.close()
    assert spelregel("log", "verify", "--since", proven / "entry-3.tlog-proof") == 3
    assert f"a checkpoint signed {signed} entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda folder: (folder / "entry-4.json").write_bytes(b""), "not an entry"),
        (lambda folder: (folder / "entry-4.json").write_bytes((folder / "entry-5.json").read_bytes()), "of entry 4"),
        (lambda folder: (folder / "entry-4.tlog-proof").write_bytes(b""), "not a proof"),
        (
            lambda folder: (folder / "entry-4.tlog-proof").write_text(
                (folder / "entry-5.tlog-proof").read_text().replace("index 5", "index 4")
            ),
            "does not lead",
        ),
    ],
)
def test_a_harmed_proof_does_not_hold(
    called: House, proven: Path, harm: Callable[[Path], object], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(proven)
    assert check_proof(proven, 4, key_of(called)) == 3
    assert told in complaint(capsys)


def test_a_proof_of_another_key_does_not_hold(proven: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_proof(proven, 4, OTHER_KEY) == 3
    assert "no known key" in complaint(capsys)
    assert check_proof(proven, 400, OTHER_KEY) == 2


@pytest.mark.parametrize(
    ("what", "told"),
    [("99", "there is no entry 99"), ("9" * 18, "no entry"), ("9" * 40, "no call"), ("nobody", "no call nobody")],
)
def test_what_is_not_in_the_log_is_not_proven(
    called: House, what: str, told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    called.wiring.seal_log()
    assert spelregel("log", "prove", what, "--out", tmp_path / "out") == 2
    assert told in complaint(capsys)
    assert not (tmp_path / "out").exists()


def test_what_nobody_signed_yet_is_not_proven(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "prove", "0") == 2
    assert "entry 0 is under no signed checkpoint yet: run `spelregel log seal`" in complaint(capsys)


def test_what_was_changed_is_not_proven(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    called.wiring.seal_log()
    called.wiring.database.close()
    with sqlite3.connect(called.folder / "spelregel.db") as connection:
        connection.execute("UPDATE log_entries SET body = replace(body, 'given', 'refused') WHERE number = 6")
    connection.close()
    assert spelregel("log", "prove", "6") == 3
    assert "entry 6" in complaint(capsys)


# ---------------------------------------------------------------- for witnesses


def test_a_witness_gets_the_proof_that_the_log_continues(
    called: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.note"
    kept.write_text(called.wiring.seal_log(), encoding="utf-8")
    size = len(called.tags)
    called.hears(Heard.STOP, "stop")
    note = called.wiring.seal_log()
    assert spelregel("log", "consistency", kept) == 0
    head, _, checkpoint = capsys.readouterr().out.partition("\n\n")
    assert head.splitlines()[0] == f"old {size}"
    assert checkpoint == note


def test_a_log_that_lost_what_was_signed_is_not_continued(
    called: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept.note"
    kept.write_text(called.wiring.seal_log(), encoding="utf-8")
    called.wiring.database.close()
    with sqlite3.connect(called.folder / "spelregel.db") as connection:
        connection.execute("DELETE FROM checkpoints")
    connection.close()
    assert spelregel("log", "consistency", kept) == 3
    assert "the log has none any more" in complaint(capsys)
    assert spelregel("log", "consistency", tmp_path / "none.note") == 2


def test_keys_of_this_log_can_be_read_by_others(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("log", "key") == 0
    assert parse_vkey(capsys.readouterr().out.strip()) == called.wiring.signer.key
