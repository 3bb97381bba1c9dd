"""Checkpoints and signed notes, with the vector of the C2SP specification."""

import pytest

from storage.consent_log.chain import EMPTY_ROOT
from storage.consent_log.checkpoint import (
    Checkpoint,
    NoteSigner,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_vkey,
)
from storage.errors import LogBroken

SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_TEXT = "This is an example message.\n"
SPEC_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
SPEC_NOTE = f"{SPEC_TEXT}\n\u2014 example.com/foo {SPEC_SIGNATURE}\n"
SIGNER = NoteSigner.from_seed("log.example/spelregel", bytes(range(32)))
OTHER = NoteSigner.from_seed("witness.example", bytes(32))
CHECKPOINT = Checkpoint("log.example/spelregel", 7, bytes(range(32)))


def test_the_note_of_the_specification_is_accepted() -> None:
    key = parse_vkey(SPEC_VKEY)
    assert open_note(SPEC_NOTE, [key]) == (SPEC_TEXT, {"example.com/foo"})
    assert key.vkey() == SPEC_VKEY


def test_a_signed_checkpoint_comes_back() -> None:
    note = SIGNER.sign(CHECKPOINT.text())
    assert note.startswith("log.example/spelregel\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n\u2014 ")
    assert open_checkpoint(note, [parse_vkey(SIGNER.key.vkey())]) == CHECKPOINT


def test_unknown_keys_are_passed_over_and_sixteen_signatures_are_accepted() -> None:
    note = SIGNER.sign(CHECKPOINT.text())
    for number in range(15):
        other = NoteSigner.from_seed(f"witness{number}.example", bytes([number]) * 32)
        note += other.sign(CHECKPOINT.text()).rpartition("\n\n")[2]
    assert open_note(note, [SIGNER.key, OTHER.key]) == (CHECKPOINT.text(), {SIGNER.key.name})


def test_a_bad_signature_of_a_known_key_rejects_the_note_though_another_is_good() -> None:
    forged = OTHER.sign("something else\n").rpartition("\n\n")[2]
    with pytest.raises(LogBroken, match=r"witness\.example is false"):
        open_note(SIGNER.sign(CHECKPOINT.text()) + forged, [SIGNER.key, OTHER.key])


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    with pytest.raises(LogBroken, match="no known key"):
        open_note(SIGNER.sign(CHECKPOINT.text()), [OTHER.key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        SPEC_NOTE[:-1],
        SPEC_NOTE + "\n",
        SPEC_NOTE.replace("message", "massage"),
        SPEC_NOTE.replace("\u2014", "-"),
        SPEC_NOTE.replace("Uw2Q", "Uw2R"),
        SPEC_NOTE.replace("Uw2Q", "U"),
        SPEC_NOTE.replace("example.com/foo ", "example.com/foo  "),
        SPEC_NOTE.replace("an example", "an\texample"),
    ],
)
def test_a_damaged_note_is_refused(note: str) -> None:
    with pytest.raises(LogBroken):
        open_note(note, [parse_vkey(SPEC_VKEY)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n7\n",
        "\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n-7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n07\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "origin\n7\nAAECAwQF\n",
        "origin\n7\nnot base64\n",
        "origin\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nextension\n",
    ],
)
def test_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LogBroken):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "vkey", ["", "name", SPEC_VKEY.replace("530d", "530e"), SPEC_VKEY[:-4], "a b+530d903a+AekyeRrm", "n+1+AgAA"]
)
def test_text_that_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  several libraries' messages
        parse_vkey(vkey)


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_name_that_no_note_can_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        NoteSigner.from_seed(name, bytes(32))


def test_the_empty_log_can_be_signed() -> None:
    empty = Checkpoint("log.example", 0, EMPTY_ROOT)
    assert parse_checkpoint(empty.text()) == empty
