"""`Controleer nu`: what is checked of a call and what is found, whole and harmed in every way."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, update

from config.policy import Role
from storage.recordings.keys import recording_key
from storage.tables import checkpoints, log_entries, log_personal, recordings
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.recorded import LENGTH_S, page_of, stored_call
from tests.ivr.web.signed_in import Colleague, sign_in

WHOLE = "Alles klopt."
BROKEN = "Er klopt iets niet."
OPEN = "Wat er staat klopt, maar nog niet alles is verzegeld."


@pytest.fixture
def stored(house: House) -> House:
    stored_call(house)
    return house


@pytest.fixture
def ann(stored: House) -> Colleague:
    """The independent check is an auditor's work."""
    return sign_in(stored, Role.AUDITOR)


def harm(house: House, act: Callable[[Connection], object]) -> None:
    with house.wiring.database.transaction() as unit:
        act(unit.log._connection)


def check(house: House, by: Colleague) -> str:
    answer = by.post(page_of(house, "/controle"))
    assert answer.status_code == 200
    assert "<h1>Gesprek van" in answer.text
    return answer.text


def outcomes(house: House) -> list[str]:
    with house.wiring.database.reading() as unit:
        lines = unit.trail.list_object(house.call.call_id, 10)
    return [line.action for line in lines]


def file_of(house: House) -> Path:
    return house.wiring.settings.recordings_dir / recording_key(RECORDING_SID)


def test_a_call_that_nobody_touched_is_whole_and_says_what_was_checked(stored: House, ann: Colleague) -> None:
    page = check(stored, ann)
    count = len(stored.entries)
    for told in (
        WHOLE,
        f"Alle {count} regels van dit gesprek zijn zoals zij zijn opgeschreven, en volgen op elkaar.",
        f"Het is ondertekend voor de eerste {count} regels van het logboek.",
        f"{count} regels horen aantoonbaar bij wat is ondertekend.",
        "De bewaarde opname is precies wat er is opgeslagen.",
        "goed voor 20 seconden geluid",
    ):
        assert told in page, told
    assert outcomes(stored) == ["verify_call:whole"]


def test_a_script_gets_the_result_alone(stored: House, ann: Colleague) -> None:
    answer = ann.post(page_of(stored, "/controle"), None, **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert WHOLE in answer.text
    assert "<html" not in answer.text


def test_what_is_younger_than_the_checkpoint_is_open(stored: House, ann: Colleague) -> None:
    sign_in(stored, Role.SUPERVISOR).post(page_of(stored, "/luisteren"), {"purpose": "rules-kept"})
    page = check(stored, ann)
    assert OPEN in page
    assert "1 regel is nieuwer dan het ijkpunt." in page
    assert outcomes(stored)[0] == "verify_call:open"


def test_a_missing_checkpoint_proves_nothing(stored: House, ann: Colleague) -> None:
    harm(stored, lambda connection: connection.execute(delete(checkpoints)))
    page = check(stored, ann)
    assert OPEN in page
    assert "Er is geen ijkpunt." in page


def test_a_false_signature_is_a_fault(stored: House, ann: Colleague) -> None:
    with stored.wiring.database.reading() as unit:
        note = unit.log.find_last_checkpoint()
    assert note is not None
    size = len(stored.entries)
    forged = note.replace(f"\n{size}\n", f"\n{size - 1}\n")
    harm(stored, lambda connection: connection.execute(update(checkpoints).values(note=forged)))
    page = check(stored, ann)
    assert BROKEN in page
    assert "De handtekening onder het laatste ijkpunt klopt niet." in page
    assert outcomes(stored) == ["verify_call:broken"]


def test_a_changed_entry_is_named(stored: House, ann: Colleague) -> None:
    entry = stored.entry("consent:given")
    body = '{"schema":1}'
    harm(
        stored,
        lambda connection: connection.execute(
            update(log_entries).where(log_entries.c.number == entry.number).values(body=body)
        ),
    )
    page = check(stored, ann)
    assert BROKEN in page
    for told in ("is gewijzigd nadat hij was opgeschreven.", "is niet meer te lezen.", "hoort niet bij wat is"):
        assert f"Regel {entry.number} {told}" in page, told
    assert "Het logboek van dit gesprek is niet meer te lezen." in page


def test_a_dropped_entry_is_named(stored: House, ann: Colleague) -> None:
    entry = stored.entry("consent:given")

    def drop(connection: Connection) -> None:
        connection.execute(delete(log_personal).where(log_personal.c.number == entry.number))
        connection.execute(delete(log_entries).where(log_entries.c.number == entry.number))

    harm(stored, drop)
    page = check(stored, ann)
    assert BROKEN in page
    assert f"Regel {entry.number} ontbreekt." in page
    assert "sluit niet aan" in page


def test_another_answer_beside_the_log_is_found(stored: House, ann: Colleague) -> None:
    harm(stored, lambda connection: connection.execute(update(log_personal).values(value="nee")))
    page = check(stored, ann)
    assert BROKEN in page
    assert "heeft woorden of namen die zijn gewijzigd." in page


def test_erased_words_are_no_fault(stored: House, ann: Colleague) -> None:
    numbers = [entry.number for entry in stored.entries]
    with stored.wiring.database.transaction() as unit:
        unit.log.erase_personal(numbers)
    page = check(stored, ann)
    assert WHOLE in page
    assert "zijn gewist. Dat mag: de regels zelf staan er nog." in page


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut, "De bewaarde opname is beschadigd"),
        (flip, "De bewaarde opname is beschadigd"),
        (Path.unlink, "Het bestand met de opname is weg"),
    ],
)
def test_a_damaged_recording_is_found(stored: House, ann: Colleague, damage: Callable[[Path], None], told: str) -> None:
    damage(file_of(stored))
    page = check(stored, ann)
    assert BROKEN in page
    assert told in page


def test_another_recording_in_its_place_is_found(stored: House, ann: Colleague) -> None:
    """Whoever has the key can store another sound; its digest stays what the log says."""
    file_of(stored).unlink()
    other = bytearray(wav_of(LENGTH_S))
    other[-1] ^= 1
    stored.wiring.store.write(recording_key(RECORDING_SID), [bytes(other)])
    page = check(stored, ann)
    assert BROKEN in page
    assert "De bewaarde opname is niet wat er is opgeslagen." in page


def test_another_recording_that_the_database_agrees_with_is_found(stored: House, ann: Colleague) -> None:
    file_of(stored).unlink()
    other = stored.wiring.store.write(recording_key(RECORDING_SID), [wav_of(LENGTH_S - 1)])
    values = {"digest": other.digest, "size_bytes": other.size_bytes}
    harm(stored, lambda connection: connection.execute(update(recordings).values(**values)))
    page = check(stored, ann)
    assert BROKEN in page
    assert "niet bij wat er in het logboek staat." in page


def test_a_call_without_a_recording_can_be_checked(house: House) -> None:
    house.together()
    house.wiring.seal_log()
    page = check(house, sign_in(house, Role.AUDITOR))
    assert WHOLE in page
    assert "Er valt dus niets te controleren." in page


def test_checking_takes_a_form_of_ones_own(stored: House, ann: Colleague) -> None:
    assert ann.post(page_of(stored, "/controle"), {"csrf": "0" * 64}).status_code == 403
    assert ann.get(page_of(stored, "/controle")).status_code == 405
