"""What the services need from the world where callers come for their copy and hand in theirs, as Protocols over value
types. Each has one suite in tests/contracts that runs on every implementation."""

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from storage.records import CopyCode, CopyTicket, CopyVisitRecord, UploadPart, UploadRow


class CopyTickets(Protocol):
    def add(self, ticket: CopyTicket) -> None: ...

    def find_by_digest(self, token_digest: str) -> CopyTicket | None: ...

    def find(self, ticket_id: str) -> CopyTicket | None: ...

    def list_call(self, call_id: str) -> Sequence[CopyTicket]: ...

    def lock(self, ticket_id: str) -> None:
        """Until the end of the transaction: others that do the same wait."""
        ...

    def count_use(self, ticket_id: str) -> None: ...

    def revoke_all(self, call_id: str, at: datetime) -> int:
        """From now on they open nothing; gives how many opened something until now."""
        ...


class CopyCodes(Protocol):
    """The second factor: codes by SMS."""

    def add(self, code: CopyCode) -> None: ...

    def find_latest(self, ticket_id: str) -> CopyCode | None: ...

    def count_since(self, ticket_id: str, since: datetime) -> int: ...

    def sent(self, code_id: str, at: datetime) -> None: ...

    def failed(self, code_id: str, at: datetime) -> None: ...

    def take_try(self, code_id: str, most: int) -> bool:
        """Count a try before it is made; False where there is none left."""
        ...

    def use(self, code_id: str, at: datetime) -> bool:
        """True the first time, False afterwards."""
        ...


class CopyVisits(Protocol):
    """Which callers are on the pages of their copy at this moment."""

    def add(self, visit: CopyVisitRecord) -> None: ...

    def find(self, id_digest: str) -> CopyVisitRecord | None: ...

    def seen(self, id_digest: str, at: datetime) -> None: ...

    def end(self, id_digest: str) -> None: ...

    def forget(self, before: datetime) -> None:
        """Stays that were over by then."""
        ...


class UploadStore(Protocol):
    """Files that callers hand in; their bytes are objects in the recording store."""

    def add(self, row: UploadRow) -> None: ...

    def find(self, upload_id: str) -> UploadRow | None: ...

    def list_case(self, case_id: str) -> Sequence[UploadRow]:
        """In the order in which they began."""
        ...

    def list_kept(self) -> Sequence[UploadRow]: ...

    def list_complete(self) -> Sequence[UploadRow]:
        """All of them is here, and is looked at."""
        ...

    def list_stale(self, now: datetime) -> Sequence[UploadRow]:
        """Those of which nothing came for too long."""
        ...

    def grow(self, upload_id: str, start: int, by_bytes: int, expires_at: datetime) -> bool:
        """Add what was received from `start`; False where others did so first, or nothing is received any more."""
        ...

    def save(self, row: UploadRow, was: str) -> bool:
        """Write a row whose stored state is `was`; False where it is another one by now."""
        ...

    def add_part(self, part: UploadPart) -> None: ...

    def complete_part(self, object_key: str, size_bytes: int) -> None: ...

    def list_parts(self, upload_id: str) -> Sequence[UploadPart]:
        """In the order of the file; those that are not whole as well."""
        ...

    def list_all_parts(self) -> Sequence[UploadPart]:
        """Of all files."""
        ...

    def forget_part(self, object_key: str) -> None: ...


class Scanner(Protocol):
    """Looks for malware."""

    def find_malware(self, file: BinaryIO) -> str | None:
        """The name of what is in the file, None for nothing. Raises `ScannerBusy`."""
        ...
