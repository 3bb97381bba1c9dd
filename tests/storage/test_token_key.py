"""Recording keys in a token, on a real PKCS#11 module: what it wraps comes back, and nothing else does."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pkcs11
import pytest

from config import settings
from ivr.wiring import Wiring
from storage.errors import ObjectDamaged, StorageUnavailable
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import HEADER_BYTES, Keyring, LocalKey
from storage.recordings.token_key import Token, TokenKey
from tests.builders import environment
from tests.softhsm import LABEL, PIN, find_module, make_token

KEY = recording_key("rec-1")
DATA_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    found = find_module()
    make_token(tmp_path_factory.mktemp("softhsm"), found)
    yield found
    pkcs11.unload(str(found))


@pytest.fixture
def token(module: Path) -> Iterator[Token]:
    """Its login ends with the test: a token knows one login of a process."""
    token = Token(module, LABEL, PIN)
    yield token
    token.close()


@pytest.fixture
def keyring(token: Token) -> Keyring:
    return Keyring(TokenKey(token, "opnamen", None))


def test_a_token_wraps_and_unwraps_and_the_header_has_the_same_form(keyring: Keyring) -> None:
    header = keyring.wrap(DATA_KEY, KEY)
    assert len(header) == HEADER_BYTES
    assert keyring.unwrap(header, KEY) == DATA_KEY


def test_a_key_has_one_id_whichever_way_it_is_found(token: Token) -> None:
    by_label, by_id = TokenKey(token, "opnamen", None), TokenKey(token, None, b"\x00")
    assert by_label.key_id == by_id.key_id == TokenKey(token, "opnamen", b"\x00").key_id
    assert by_label.key_id != TokenKey(token, "later", None).key_id


@pytest.mark.parametrize("at", [16, 27, 28, 59, 60, 75])
def test_a_changed_header_is_damaged_and_not_a_fault_of_the_token(keyring: Keyring, at: int) -> None:
    header = bytearray(keyring.wrap(DATA_KEY, KEY))
    header[at] ^= 1
    with pytest.raises(ObjectDamaged, match="damaged header"):
        keyring.unwrap(bytes(header), KEY)


def test_another_name_is_refused(keyring: Keyring) -> None:
    header = keyring.wrap(DATA_KEY, KEY)
    with pytest.raises(ObjectDamaged, match="damaged header"):
        keyring.unwrap(header, recording_key("rec-2"))


def test_from_a_key_in_memory_to_one_in_a_token_and_back(tmp_path: Path, token: Token) -> None:
    local, later = LocalKey(bytes(32)), TokenKey(token, "later", None)
    FilesystemStore(tmp_path, Keyring(local)).write(KEY, [b"sound" * 10_000])
    assert FilesystemStore(tmp_path, Keyring(later, local)).rewrap(KEY)
    with FilesystemStore(tmp_path, Keyring(later)).open(KEY) as sound:
        assert sound.read() == b"sound" * 10_000
    assert FilesystemStore(tmp_path, Keyring(local, later)).rewrap(KEY)
    with FilesystemStore(tmp_path, Keyring(local)).open(KEY) as sound:
        assert sound.read() == b"sound" * 10_000


@pytest.mark.parametrize(("label", "key_id"), [("niets", None), ("kort", None), ("opnamen", b"\x01"), (None, b"\x07")])
def test_a_key_that_is_not_there_or_too_short_is_not_used(token: Token, label: str, key_id: bytes) -> None:
    with pytest.raises(StorageUnavailable, match="not one and only one such"):
        Keyring(TokenKey(token, label, key_id)).wrap(DATA_KEY, KEY)


def test_two_keys_of_one_name_are_not_guessed_between(module: Path, token: Token) -> None:
    with pkcs11.lib(str(module)).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        for _ in range(2):
            session.generate_key(pkcs11.KeyType.AES, 256, label="tweeling", store=True)
    with pytest.raises(StorageUnavailable, match="not one and only one such"):
        Keyring(TokenKey(token, "tweeling", None)).wrap(DATA_KEY, KEY)


def test_a_wrong_pin_is_tried_once(module: Path) -> None:
    """A token locks itself after a few; a worker would try all night."""
    wrong = Token(module, LABEL, "0000")
    key = TokenKey(wrong, "opnamen", None)
    for _ in range(20):
        with pytest.raises(StorageUnavailable, match="refuses the PIN"):
            _ = key.key_id
    right = Token(module, LABEL, PIN)
    assert Keyring(TokenKey(right, "opnamen", None)).current_id
    right.close()


def test_a_token_that_is_not_there_is_named(module: Path) -> None:
    with pytest.raises(StorageUnavailable, match="not one and only one such in Zolder"):
        _ = TokenKey(Token(module, "Zolder", PIN), "opnamen", None).key_id


def test_a_module_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"no module")
    with pytest.raises(StorageUnavailable, match="recording keys"):
        _ = TokenKey(Token(tmp_path / "module.so", LABEL, PIN), "opnamen", None).key_id


def test_many_threads_share_one_login(keyring: Keyring) -> None:
    found: list[bytes] = []

    def work() -> None:
        for number in range(20):
            key = f"{KEY}-{number}"
            found.append(keyring.unwrap(keyring.wrap(DATA_KEY, key), key))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [DATA_KEY] * 80


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_child_process_logs_in_by_itself(keyring: Keyring) -> None:
    header = keyring.wrap(DATA_KEY, KEY)
    child = os.fork()
    if not child:
        good = False
        try:
            good = keyring.unwrap(header, KEY) == DATA_KEY
        finally:
            os._exit(0 if good else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert keyring.unwrap(header, KEY) == DATA_KEY


def test_the_settings_name_a_key_in_a_token(module: Path, tmp_path: Path, token: Token, keyring: Keyring) -> None:
    """In a process that is logged in already; an earlier key in memory opens what it wrapped."""
    header = keyring.wrap(DATA_KEY, KEY)
    local = bytes(range(32))
    in_memory = Keyring(LocalKey(local)).wrap(DATA_KEY, KEY)
    own = {
        "SPELREGEL_RECORDING_KEY": "pkcs11:token=De%20kluis;object=opnamen;id=%00;type=secret-key",
        "SPELREGEL_EARLIER_RECORDING_KEYS": f"{local.hex()} pkcs11:token=De%20kluis;object=later",
        "SPELREGEL_PKCS11_MODULE": str(module),
        "SPELREGEL_PKCS11_PIN": PIN,
    }
    served = Wiring(settings.load(environment(tmp_path, **own))).keyring
    assert served.current_id == keyring.current_id
    assert served.unwrap(header, KEY) == served.unwrap(in_memory, KEY) == DATA_KEY
    later = Keyring(TokenKey(token, "later", None)).wrap(DATA_KEY, KEY)
    assert served.unwrap(later, KEY) == DATA_KEY


def test_a_login_that_ended_begins_again(token: Token, keyring: Keyring) -> None:
    header = keyring.wrap(DATA_KEY, KEY)
    token.close()
    assert keyring.unwrap(header, KEY) == DATA_KEY
