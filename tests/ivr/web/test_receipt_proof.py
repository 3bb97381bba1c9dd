"""A receipt proves itself to somebody who has nothing of ours, and harm to any part of it is seen."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Executable, delete, func, update

from ivr.calls.copies import NoCopy, UnknownTicket
from ivr.calls.employee_acts import third_person
from ivr.calls.receipt_file import Issued
from ivr.calls.receipts import ReceiptService
from ivr.dialogue.events import Heard, ObjectionRaised
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.sealing import seal
from storage.errors import LogBroken
from storage.session import migrate
from storage.tables import checkpoints, log_entries, log_personal
from tests.builders import CALLER, House
from tests.ivr.web.receipts import OUTSIDER, RULES, finish, give_ticket, hang_up, issued, told

EMPLOYEE = "m.jansen"
PEOPLE = ("m.jansen", "b.other", "c.third", "d.fourth")
WHO = "buurvrouw Annelies"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """A good receipt, and the log's key."""
    folder = tmp_path_factory.mktemp("receipt")
    url = f"sqlite:///{folder / 'log.db'}"
    migrate(url)
    house = House(folder, url)
    house.recorded()
    finish(house, "ja, één kopie graag")
    file, key = told(house), house.wiring.signer.key.vkey()
    house.close()
    return file, key


@pytest.fixture
def key(house: House) -> str:
    return house.wiring.signer.key.vkey()


def check(file: dict[str, Any], vkey: str) -> int:
    proven: int = OUTSIDER.check_receipt(json.dumps(file).encode(), vkey)
    return proven


def refused(file: dict[str, Any], vkey: str) -> str:
    with pytest.raises(OUTSIDER.Refused) as refusal:
        check(file, vkey)
    return str(refusal.value)


# ------------------------------------------------------------ without us


def test_a_whole_receipt_is_proven(whole: tuple[dict[str, Any], str]) -> None:
    file, key = whole
    assert check(file, key) == len(file["receipt"]["events"]) > 10


def test_the_program_uses_nothing_of_ours() -> None:
    source = Path(OUTSIDER.__file__ or "").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 200
    for node in ast.walk(ast.parse(source)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= {"cryptography", *sys.stdlib_module_names}


def test_the_program_says_what_it_found(
    whole: tuple[dict[str, Any], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, key = whole
    path = tmp_path / "bewijs.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    assert OUTSIDER.main([str(path), "--key", key]) == 0
    assert capsys.readouterr().out.startswith("good: the receipt and its ")
    path.write_text(json.dumps(file | {"issued_at": "2020-01-01T00:00:00.000000Z"}), encoding="utf-8")
    assert OUTSIDER.main([str(path), "--key", key]) == 3
    assert capsys.readouterr().err == "NOT PROVEN: issued_at: it was changed\n"
    for rubbish in (b"", b"{}", b"[]", b"PDF", b"\xff", b"[" * 100_000, b'{"a":1,"a":2}'):
        path.write_bytes(rubbish)
        assert OUTSIDER.main([str(path), "--key", key]) == 2
        assert capsys.readouterr().err.startswith("unusable: ")
    assert OUTSIDER.main([str(tmp_path / "no-file"), "--key", key]) == 2
    for no_key in ("", "x", key[:-4] + "AAAA", key.replace("+", "+0", 1)):
        assert OUTSIDER.main([str(path), "--key", no_key]) == 2


# ------------------------------------------------------------ harm

Harm = Callable[[dict[str, Any]], object]
EVENT = 2
"""What the caller said: an event with a personal value."""

HARMS: dict[str, Harm] = {
    "another time": lambda file: file["receipt"]["events"][EVENT].update(event_time="2026-11-03T13:06:00.000000Z"),
    "other words": lambda file: file["receipt"]["events"][EVENT].update(answered="ik neem niets op"),
    "another outcome": lambda file: file["receipt"]["pii_processing"][0].update(state="declined"),
    "another digest": lambda file: file["receipt"]["pii_processing"][1]["storage"].update(sha256="0" * 64),
    "another agency": lambda file: file["receipt"]["pii_controllers"][0].update(party_name="Gemeente Elders"),
    "another complaint route": lambda file: file["receipt"]["complaint"].update(term_days=1),
    "one event less": lambda file: (file["receipt"]["events"].pop(), file["entries"].pop()),
    "one entry less": lambda file: file["entries"].pop(),
    "events in another order": lambda file: file["receipt"]["events"].reverse(),
    "another id": lambda file: file.update(receipt_id="0" * 36),
    "back-dated": lambda file: file.update(issued_at="2026-11-01T13:06:00.000000Z"),
    "a changed entry": lambda file: file["entries"][0].update(entry=file["entries"][0]["entry"].replace(":00", ":01")),
    "a changed personal value": lambda file: file["entries"][EVENT]["personal"]["words"].update(value="niets"),
    "another nonce": lambda file: file["entries"][EVENT]["personal"]["words"].update(nonce="0" * 64),
    "no personal value": lambda file: file["entries"][EVENT]["personal"].clear(),
    "the proof of another entry": lambda file: file["entries"][0].update(proof=file["entries"][1]["proof"]),
    "a proof cut short": lambda file: file["issue"].update(proof=without_a_hash(file["issue"]["proof"])),
    "a proof without a signature": lambda file: file["issue"].update(proof=file["issue"]["proof"].split("\n—")[0]),
    "another issue": lambda file: file.update(issue=file["entries"][0]),
    "no issue": lambda file: file.update(issue=None),
}


def without_a_hash(proof: str) -> str:
    lines = proof.split("\n")
    return "\n".join(lines[:2] + lines[3:])


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_harm_is_seen(whole: tuple[dict[str, Any], str], harm: Harm) -> None:
    file, key = whole
    harmed = copy.deepcopy(file)
    harm(harmed)
    assert harmed != file
    assert refused(harmed, key)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_changed_value_is_seen(whole: tuple[dict[str, Any], str], data: st.DataObject) -> None:
    """Of all that a reader sees or a program uses, but for the words about how to verify."""
    file, key = whole
    harmed = copy.deepcopy({name: value for name, value in file.items() if name not in ("how_to_verify", "log")})
    holder, name = data.draw(st.sampled_from(list(leaves(harmed))))
    value = holder[name]
    if isinstance(value, str) and value:
        at = data.draw(st.integers(0, len(value) - 1))
        other = data.draw(st.sampled_from([sign for sign in "a0Z+\n" if sign != value[at]]))
        holder[name] = value[:at] + other + value[at + 1 :]
    else:
        holder[name] = data.draw(st.sampled_from([one for one in ("x", 7, True, False, None) if one is not value]))
    with pytest.raises((OUTSIDER.Refused, OUTSIDER.NoReceipt)):
        check(harmed, key)


def leaves(value: Any) -> Any:
    """Where each plain value stands."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        if isinstance(item, dict | list):
            yield from leaves(item)
        else:
            yield value, name


def test_the_proof_of_another_call_is_refused(house: House, key: str) -> None:
    house.recorded()
    finish(house)
    first = told(house)
    house.dial_in(CallSid="CA" + "7" * 32)
    other_call = house.wiring.driver.find("CA" + "7" * 32)
    assert other_call is not None
    other = json.loads(house.wiring.receipts.for_staff(other_call, EMPLOYEE, "nl", RULES).as_file())
    assert check(other, key)
    for name in ("issue", "entries", "receipt"):
        assert refused(first | {name: other[name]}, key)


def test_a_receipt_of_another_log_is_refused(whole: tuple[dict[str, Any], str]) -> None:
    file, key = whole
    name = key.split("+")[0]
    for other in (NoteSigner.from_seed(name, b"x" * 32), NoteSigner.from_seed("elders.example/log", bytes(range(32)))):
        assert refused(file, other.key.vkey()) == "the log is not signed with this key"


# ------------------------------------------------------------ what goes out


def test_only_the_callers_own_values_go_out(house: House) -> None:
    house.recorded()
    house.happens(third_person(WHO))
    house.happens(ObjectionRaised("privacy", "verslag", employee=EMPLOYEE))
    finish(house)
    file = issued(house).as_file().decode()
    assert EMPLOYEE not in file
    assert CALLER not in file
    assert WHO not in file
    assert all(set(item["personal"]) <= {"words", "answer", "text"} for item in json.loads(file)["entries"])
    assert set(json.loads(file)["issue"]["personal"]) == {"content"}


def test_the_content_is_not_to_be_guessed_from_the_log(house: House) -> None:
    """A bare digest of known texts and a few words would give the words away: it stands beside the log, salted."""
    house.recorded()
    finish(house)
    file = told(house)
    entry = json.loads(file["issue"]["entry"])
    content = file["issue"]["personal"]["content"]
    assert content["value"] not in file["issue"]["entry"]
    assert len(bytes.fromhex(content["nonce"])) == 32
    assert entry["personal"].keys() == {"by", "content"}


# ------------------------------------------------------------ every way that a call can go


def test_a_call_on_which_nothing_was_asked(house: House, key: str) -> None:
    house.together()
    hang_up(house)
    file = told(house)
    assert check(file, key)
    caller, agency = file["receipt"]["pii_processing"]
    assert (caller["state"], agency["state"], agency["storage"]) == ("none", "none", None)


def test_a_refused_call_tells_the_reason_and_the_alternative(house: House, key: str) -> None:
    house.confirmed()
    house.happens(ObjectionRaised("privacy", "verslag", employee=EMPLOYEE))
    hang_up(house)
    file = told(house)
    assert check(file, key)
    assert file["receipt"]["refusal"]["told"] == {
        "reason": "De opname raakt de privacy van iemand anders.",
        "alternative": "U krijgt een schriftelijk verslag van dit gesprek.",
    }
    assert file["receipt"]["pii_processing"][0]["state"] == "objected"


def test_the_employees_own_reason_is_told_as_it_was_said(house: House, key: str) -> None:
    house.confirmed()
    own = "Er ligt #panic() <b>een dossier</b>"
    house.happens(ObjectionRaised("anders", "verslag", reason_text=own, employee=EMPLOYEE))
    hang_up(house)
    file = told(house)
    assert check(file, key)
    assert file["receipt"]["refusal"]["told"]["reason"] == own


def test_a_withdrawn_wish(house: House, key: str) -> None:
    house.recorded()
    house.hears(Heard.STOP, "stop de opname")
    finish(house)
    file = told(house)
    assert check(file, key)
    assert file["receipt"]["pii_processing"][0]["state"] == "withdrawn"
    assert "stop de opname" in [event["answered"] for event in file["receipt"]["events"]]


def test_erased_words_are_said_to_be_erased(house: House, key: str) -> None:
    house.recorded()
    finish(house)
    before = told(house)
    numbers = [entry.number for entry in house.entries]
    with house.wiring.database.transaction() as unit:
        unit.log.erase_personal(numbers)
    after = told(house)
    assert check(before, key), "what was given before still proves itself"
    assert check(after, key)
    assert "ik neem dit gesprek op" not in json.dumps(after)
    erased = [event["event_type"] for event in after["receipt"]["events"] if event["erased"]]
    assert "request:heard" in erased
    assert not any(event["erased"] for event in before["receipt"]["events"])


def test_a_destroyed_recording_can_still_be_recognised(house: House, key: str) -> None:
    house.recorded()
    finish(house)
    house.clock.pass_s(31 * 86_400)
    house.wiring.retention.destroy_due()
    file = told(house)
    assert check(file, key)
    storage = file["receipt"]["pii_processing"][1]["storage"]
    assert storage["retention_until"] is None
    assert storage["sha256"] == house.entry("recording:stored").facts["digest"]
    assert file["receipt"]["events"][-1]["event_type"] in ("recording:destroyed", "number:destroyed")


def test_a_call_that_still_goes_on(house: House, key: str) -> None:
    house.confirmed()
    file = told(house)
    assert check(file, key)
    assert file["receipt"]["call"]["closed_at"] is None


# ------------------------------------------------------------ what is kept is not what was written


@pytest.mark.parametrize(
    "harm",
    [
        update(log_entries).values(body=func.replace(log_entries.c.body, "consent:given", "consent:refused")),
        update(log_entries).where(log_entries.c.number == 3).values(body="x"),
        update(log_entries).where(log_entries.c.number == 3).values(subtrees=b"x" * 32),
        update(log_personal).values(value="nee"),
        delete(log_entries).where(log_entries.c.tag == "recording:stored"),
    ],
)
def test_no_receipt_is_given_of_a_log_that_was_changed(house: House, harm: Executable) -> None:
    house.recorded()
    finish(house)
    with house.wiring.database.transaction() as unit:
        unit.log._connection.execute(harm)
    with pytest.raises(LogBroken):
        issued(house)


def test_a_signed_head_that_is_no_beginning_of_the_log_gives_none(house: House) -> None:
    house.recorded()
    finish(house)
    other = NoteSigner.from_seed(house.wiring.log_origin, b"x" * 32)
    with house.wiring.database.transaction() as unit:
        unit.log._connection.execute(delete(checkpoints))
        unit.log.add_checkpoint(10_000, other.sign(f"{house.wiring.log_origin}\n10000\n{'A' * 43}=\n"), house.clock.at)
    with pytest.raises(LogBroken):
        issued(house)


def test_a_ticket_that_is_over_gives_none(house: House) -> None:
    house.together()
    hang_up(house)
    ticket = give_ticket(house)
    for_caller = house.wiring.receipts.for_caller
    assert isinstance(for_caller(ticket.ticket_id, "visit", "nl", RULES), Issued)
    house.wiring.copies.withdraw(house.call.call_id, EMPLOYEE)
    assert isinstance(for_caller(ticket.ticket_id, "visit", "nl", RULES), NoCopy)
    assert isinstance(for_caller("unknown", "visit", "nl", RULES), UnknownTicket)
    assert house.tags.count("copy:receipt") == 1


# ------------------------------------------------------------ when something fails, or much happens at once


def test_where_signing_fails_nothing_is_given_and_the_next_try_gives_that_receipt(house: House, key: str) -> None:
    house.together()
    hang_up(house)
    ticket, wiring = give_ticket(house), house.wiring
    signed = iter([LogBroken("no signature"), None])

    def seal_at_last() -> None:
        if (fault := next(signed, None)) is not None:
            raise fault
        wiring.seal_log()

    receipts = ReceiptService(
        wiring.database, wiring.copies, wiring.agencies, house.clock, seal_at_last, wiring.log_keys
    )
    with pytest.raises(LogBroken):
        receipts.for_caller(ticket.ticket_id, "visit", "nl", RULES)
    logged = house.entry("copy:receipt").facts["receipt"]
    given = receipts.for_caller(ticket.ticket_id, "visit", "nl", RULES)
    assert isinstance(given, Issued)
    assert given.receipt_id == logged
    assert OUTSIDER.check_receipt(given.as_file(), key)
    assert house.tags.count("copy:receipt") == 1


def test_many_at_once_get_receipts_that_prove_themselves_one_for_each_person(tmp_path: Path, database_url: str) -> None:
    house = House(tmp_path, database_url)
    house.recorded()
    finish(house)
    for_staff = house.wiring.receipts.for_staff
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda name: for_staff(house.call, name, "nl", RULES).as_file(), PEOPLE * 3))
    key, logged = house.wiring.signer.key.vkey(), house.tags.count("copy:receipt")
    house.close()
    assert all(OUTSIDER.check_receipt(file, key) for file in files)
    assert len({json.loads(file)["receipt_id"] for file in files}) == logged == len(PEOPLE)


def test_a_receipt_of_before_a_new_key_and_one_of_after_it_are_proven(tmp_path: Path, sqlite_url: str) -> None:
    house = House(tmp_path, sqlite_url)
    house.recorded()
    finish(house)
    before, old_key = issued(house).as_file(), house.wiring.signer.key
    name = house.wiring.log_origin
    new = NoteSigner.from_seed(name, b"n" * 32)
    wiring = house.wiring

    def seal_anew() -> None:
        with wiring.database.transaction() as unit:
            seal(unit, new, name, house.clock.now(), [old_key])

    receipts = ReceiptService(
        wiring.database, wiring.copies, wiring.agencies, house.clock, seal_anew, [new.key, old_key]
    )
    after = receipts.for_staff(house.call, "b.other", "nl", RULES).as_file()
    house.close()
    assert OUTSIDER.check_receipt(before, old_key.vkey())
    assert OUTSIDER.check_receipt(after, new.key.vkey())
    assert json.loads(after)["log"]["verifier_keys"] == [new.key.vkey(), old_key.vkey()]


def test_the_verifier_of_the_log_takes_each_entry_with_its_proof(
    whole: tuple[dict[str, Any], str], tmp_path: Path
) -> None:
    file, key = whole
    program = Path(OUTSIDER.__file__ or "").with_name("verify_log.py")
    for item in (file["issue"], *file["entries"][:2]):
        proof, entry = tmp_path / "bewijs.tlog-proof", tmp_path / "entry.json"
        proof.write_bytes(item["proof"].encode())
        entry.write_bytes(item["entry"].encode())
        told = subprocess.run(
            [sys.executable, program, proof, entry, "--key", key], capture_output=True, text=True, check=False
        )
        assert (told.returncode, told.stdout.split(":")[0]) == (0, "proven"), told
