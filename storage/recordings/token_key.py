"""Master keys that stay in a PKCS#11 token: an HSM wraps and unwraps, and never shows them."""

import hashlib
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as fault

from storage.errors import StorageUnavailable
from storage.recordings.master_keys import KEY_BYTES, KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES

T = TypeVar("T")

TAG_BITS = 8 * TAG_BYTES
NOT_ONE = (fault.NoSuchKey, fault.NoSuchToken, fault.MultipleObjectsReturned, fault.MultipleTokensReturned)
ENDED = (fault.SessionHandleInvalid, fault.SessionClosed, fault.UserNotLoggedIn, fault.DeviceRemoved)
PIN_REFUSED = (fault.PinIncorrect, fault.PinLocked, fault.PinExpired, fault.PinInvalid, fault.PinLenRange)


class Token:
    """One login to a token, for all keys in it and all threads of a process; begun when it is first needed."""

    def __init__(self, module: Path, label: str, pin: str) -> None:
        self._module = module
        self._label = label
        self._pin = pin
        self._lock = threading.Lock()
        self._session: Any = None
        self._process = 0
        self._pin_refused = False

    def use(self, work: Callable[[Any], T]) -> T:
        """`work` with a session; once more with a new one where the old one ended, as after a restart of the HSM.

        Raises `StorageUnavailable`. A refused PIN is not tried again, because a token locks itself after a few tries.
        """
        with self._lock:
            try:
                if self._session is not None and self._process == os.getpid():
                    try:
                        return work(self._session)
                    except ENDED:
                        self.close()
                self._begin()
                return work(self._session)
            except NOT_ONE as error:
                raise StorageUnavailable(f"recording keys: not one and only one such in {self._label}") from error
            except PIN_REFUSED as error:
                self._pin_refused = True
                raise StorageUnavailable(f"recording keys: {self._label} refuses the PIN") from error
            except (fault.PKCS11Error, RuntimeError) as error:
                raise StorageUnavailable(f"recording keys: {self._label} says {type(error).__name__}") from error

    def _begin(self) -> None:
        if self._pin_refused:
            raise fault.PinIncorrect
        library = pkcs11.lib(str(self._module))
        if self._process not in (0, os.getpid()):
            library.reinitialize()  # a child has to, after a fork
        self._process = os.getpid()
        token = library.get_token(token_label=self._label)
        try:
            self._session = token.open(user_pin=self._pin)
        except fault.UserAlreadyLoggedIn:  # a login holds for all sessions of a process, whoever began them
            self._session = token.open()

    def close(self) -> None:
        """The next use logs in again."""
        with suppress(fault.PKCS11Error):
            if self._session is not None:
                self._session.close()
        self._session = None


class TokenKey:
    """A `MasterKey` in a token, found by its label, its id, or both. AES-256 with CKM_AES_GCM."""

    def __init__(self, token: Token, label: str | None, key_id: bytes | None) -> None:
        self._token = token
        self._label = label
        self._id = key_id
        self._key_id: bytes | None = None

    @property
    def key_id(self) -> bytes:
        """From the label and the id that the token has for the key: its bytes cannot be had."""
        if self._key_id is None:
            self._key_id = self._token.use(lambda session: _id_of(self._find(session)))
        return self._key_id

    def wrap(self, nonce: bytes, data_key: bytes, context: bytes) -> bytes:
        return self._token.use(lambda session: _encrypt(self._find(session), nonce, data_key, context))

    def unwrap(self, nonce: bytes, wrapped: bytes, context: bytes) -> bytes:
        """What a token says of a wrong tag differs from make to make, and some say no more than that it failed. One
        that does the same with a good tag right after it is in order, and so the data are not."""

        def work(session: Any) -> bytes | None:
            key = self._find(session)
            try:
                return _decrypt(key, nonce, wrapped, context)
            except ENDED:
                raise
            except fault.PKCS11Error:
                other = os.urandom(NONCE_BYTES)
                _decrypt(key, other, _encrypt(key, other, bytes(KEY_BYTES), context), context)
                return None

        data_key = self._token.use(work)
        if data_key is None:
            raise InvalidTag
        return data_key

    def _find(self, session: Any) -> Any:
        key = session.get_key(ObjectClass.SECRET_KEY, KeyType.AES, self._label, self._id)
        if key[Attribute.VALUE_LEN] != KEY_BYTES:
            raise fault.NoSuchKey
        return key


def _id_of(key: Any) -> bytes:
    name = b"spelregel token key id\x00" + len(key.id).to_bytes(4, "big") + key.id + key.label.encode()
    return hashlib.sha256(name).digest()[:KEY_ID_BYTES]


def _encrypt(key: Any, nonce: bytes, data: bytes, context: bytes) -> bytes:
    return bytes(key.encrypt(data, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, context, TAG_BITS)))


def _decrypt(key: Any, nonce: bytes, data: bytes, context: bytes) -> bytes:
    return bytes(key.decrypt(data, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, context, TAG_BITS)))
