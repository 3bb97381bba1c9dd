"""What is needed of the world to prove to outsiders what happened; `ports.py` has the other ports."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from storage.consent_log.call_verifier import CallEvidence
from storage.records import StoreFault


class LogEvidence(Protocol):
    """What is stored of the consent log, for whoever checks it."""

    def of_call(self, call_id: str) -> CallEvidence:
        """The call's entries as they are, and the way from each to the last signed checkpoint."""
        ...


class StoredObjects(Protocol):
    """All objects of the recording store, whatever the database says of them; raises `StorageUnavailable`."""

    @property
    def current_key_id(self) -> str:
        """The master key that wraps what is written now, in hexadecimal digits."""
        ...

    def list_keys(self) -> Iterator[str]:
        """And of whatever else lies there; in no order."""
        ...

    def open(self, object_key: str) -> BinaryIO:
        """A seekable reader of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` here or while reading."""
        ...

    def key_id(self, object_key: str) -> str:
        """Which master key opens the object, by its own word. Raises `ObjectMissing`, `ObjectDamaged`, and `ValueError`
        for what is no object key."""
        ...

    def rewrap(self, object_key: str) -> bool:
        """Wrap the object's key with the current master key; the body stays as it is. False where nothing was to do.

        Raises `ObjectMissing`, and `ObjectDamaged` before anything is changed.
        """
        ...

    def destroy(self, object_key: str) -> None: ...


class RecordingPlace(Protocol):
    """Where recordings lie, for whoever looks whether it is fit for them."""

    @property
    def current_key_id(self) -> str:
        """Asks whatever has the master key. Raises `StorageUnavailable`."""
        ...

    def find_faults(self) -> Sequence[StoreFault]:
        """What an operator has to look at; tried out where asking is not enough."""
        ...
