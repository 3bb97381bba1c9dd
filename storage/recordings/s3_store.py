"""Encrypted, write-once objects in a bucket of an S3-compatible store.

Credentials are boto3's business (docs/configuration.md). The server gets cipher text only: its own encryption with our
keys (SSE-C) is not used.
"""

import base64
import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, BinaryIO
from uuid import uuid4

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import ObjectExists, ObjectMissing, StorageUnavailable
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.master_keys import HEADER_BYTES, Keyring
from storage.recordings.ranged_reader import MOST_AHEAD_BYTES, RangedReader
from storage.records import StoreFault

PART_BYTES = 8 * 1024 * 1024
"""What is sent at once, and kept in memory; S3 wants 5 MiB at least, and 10,000 parts at most."""

ABANDONED_AFTER = timedelta(days=1)
BOUNDS = {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "total_max_attempts": 3}}

log = logging.getLogger(__name__)


class _Changed(Exception):
    """The object under that name is not what the request said it had to be."""


class S3Store(EncryptedStore):
    """An upload gets its name with its last request: what has a name is whole.

    Written once: both the look before and the condition `If-None-Match: *` refuse a second writer. A server that
    ignores the condition, which `find_faults` tells, leaves a moment between the last look and the end.
    """

    def __init__(self, bucket: str, prefix: str, keyring: Keyring, endpoint: str | None, region: str) -> None:
        """`prefix` without a slash at the end, or empty; asks the server nothing yet."""
        super().__init__(keyring)
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        style = {"addressing_style": "auto" if endpoint is None else "path"}
        when = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}
        self._client: Any = Session().client(
            "s3", endpoint_url=endpoint, region_name=region, config=Config(s3=style, **BOUNDS, **when)
        )

    def list_keys(self) -> Iterator[str]:
        for page in self._pages("list_objects_v2", self._prefix):
            for found in page.get("Contents", ()):
                yield str(found["Key"]).removeprefix(self._prefix)

    def tidy(self) -> None:
        """An upload has no owner that could be asked whether it lives; none takes a day."""
        before = datetime.now(UTC) - ABANDONED_AFTER
        for page in self._pages("list_multipart_uploads", self._prefix):
            for upload in page.get("Uploads", ()):
                if upload["Initiated"] < before:
                    with suppress(ObjectMissing):
                        self._ask("abort_multipart_upload", upload["Key"], UploadId=upload["UploadId"])

    def find_faults(self) -> Sequence[StoreFault]:
        """Asks the server to its face: writes a probe twice, and destroys it."""
        probe = f"probe-{uuid4().hex}"
        try:
            self._send(self._prefix + probe, iter([b"first"]), {"IfNoneMatch": "*"})
            try:
                self._send(self._prefix + probe, iter([b"other"]), {"IfNoneMatch": "*"})
            except _Changed:
                overwrites = False
            else:
                overwrites = True
        except (StorageUnavailable, ObjectMissing) as fault:
            log.warning("the bucket cannot be written to", extra={"error": str(fault)})
            return [StoreFault.UNUSABLE]
        try:
            self._remove(probe)
        except StorageUnavailable as fault:
            log.warning("the bucket keeps what is destroyed", extra={"error": str(fault)})
            return [StoreFault.KEEPS]
        return [StoreFault.OVERWRITES] if overwrites else []

    def _put(self, object_key: str, pieces: Iterator[bytes]) -> None:
        name = self._prefix + object_key

        def refuse_second() -> None:
            if self._exists(name):
                raise ObjectExists(object_key)

        refuse_second()
        start = next(pieces)
        try:
            self._send(name, chain([start], pieces), {"IfNoneMatch": "*"}, refuse_second)
        except _Changed as fault:
            raise ObjectExists(object_key) from fault
        if self._fetch(name, 0, len(start)) != start:  # salt and key of every writing differ
            raise ObjectExists(object_key)

    def _source(self, object_key: str) -> BinaryIO:
        name = self._prefix + object_key
        return RangedReader(lambda start, end: self._fetch(name, start, end), self._stored_bytes(object_key))  # type: ignore[return-value]  # a RawIOBase has all that is used of a BinaryIO

    def _header(self, object_key: str) -> bytes:
        if self._stored_bytes(object_key) < HEADER_BYTES:
            return b""
        return self._fetch(self._prefix + object_key, 0, HEADER_BYTES)

    def _stored_bytes(self, object_key: str) -> int:
        return int(self._ask("head_object", self._prefix + object_key)["ContentLength"])

    def _remove(self, object_key: str) -> None:
        """With all earlier versions; a bucket that locks them cannot destroy, and says so here."""
        name = self._prefix + object_key
        for version in self._versions(name):
            self._ask("delete_object", name, VersionId=version["VersionId"])
        if self._exists(name):
            self._ask("delete_object", name)
        if self._exists(name) or any(True for _ in self._versions(name)):
            raise StorageUnavailable(f"{object_key} is still there after its removal")

    def _replace(self, object_key: str, header: bytes, new_header: bytes) -> bool:
        name = self._prefix + object_key
        try:
            found = self._ask("head_object", name)
            if self._fetch(name, 0, len(header)) != header:
                return False
            self._send(name, self._with_header(name, new_header, found["ContentLength"]), {"IfMatch": found["ETag"]})
        except (ObjectMissing, _Changed):
            return False
        for version in self._versions(name):
            if not version["IsLatest"]:
                self._ask("delete_object", name, VersionId=version["VersionId"])
        return True

    def _with_header(self, name: str, header: bytes, size_bytes: int) -> Iterator[bytes]:
        yield header
        for start in range(len(header), size_bytes, MOST_AHEAD_BYTES):
            yield self._fetch(name, start, min(start + MOST_AHEAD_BYTES, size_bytes))

    # ------------------------------------------------------------ requests

    def _send(
        self,
        name: str,
        pieces: Iterator[bytes],
        condition: Mapping[str, str],
        last_look: Callable[[], None] = lambda: None,
    ) -> None:
        """In one request where it is small. Raises `_Changed` where the server sees that the condition does not hold,
        and what `pieces` and `last_look` raise; then nothing has the name."""
        parts = _parts(pieces)
        first, second = next(parts), next(parts, None)
        if second is None:
            last_look()
            self._ask("put_object", name, Body=first, **_checksum(first), **condition)
            return
        upload = {"UploadId": self._ask("create_multipart_upload", name, ChecksumAlgorithm="SHA256")["UploadId"]}
        try:
            sent = []
            for number, part in enumerate(chain([first, second], parts), start=1):
                check, place = _checksum(part), {"PartNumber": number}
                answer = self._ask("upload_part", name, Body=part, **place, **check, **upload)
                sent.append({**place, "ChecksumSHA256": check["ChecksumSHA256"], "ETag": answer["ETag"]})
            last_look()
            self._ask("complete_multipart_upload", name, MultipartUpload={"Parts": sent}, **condition, **upload)
        except BaseException:
            with suppress(StorageUnavailable, ObjectMissing):
                self._ask("abort_multipart_upload", name, **upload)
            raise

    def _fetch(self, name: str, start: int, end: int) -> bytes:
        """Those bytes. Raises `ObjectMissing`."""
        if start >= end:
            return b""
        with _translated(name):
            body = self._client.get_object(Bucket=self._bucket, Key=name, Range=f"bytes={start}-{end - 1}")["Body"]
            with body:
                found: bytes = body.read()
        if len(found) != end - start:
            raise StorageUnavailable(f"recordings: S3 gave {len(found)} of {end - start} bytes")
        return found

    def _exists(self, name: str) -> bool:
        try:
            self._ask("head_object", name)
        except ObjectMissing:
            return False
        return True

    def _versions(self, name: str) -> Iterator[Mapping[str, Any]]:
        """None where the server keeps no versions, or knows nothing of them."""
        try:
            for page in self._pages("list_object_versions", name):
                for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if version["Key"] == name:
                        yield version
        except NotImplementedError:
            return

    def _pages(self, listing: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        pages = iter(self._client.get_paginator(listing).paginate(Bucket=self._bucket, Prefix=prefix))
        while True:
            with _translated(prefix):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _ask(self, request: str, name: str, **arguments: object) -> Mapping[str, Any]:
        with _translated(name):
            answer: Mapping[str, Any] = getattr(self._client, request)(Bucket=self._bucket, Key=name, **arguments)
            return answer


def _parts(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Of `PART_BYTES`; the last one is what is left. One at least."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PART_BYTES:
            yield bytes(waiting[:PART_BYTES])
            del waiting[:PART_BYTES]
    yield bytes(waiting)


def _checksum(body: bytes) -> Mapping[str, str]:
    """The server compares it, and has to have one for a bucket with an object lock."""
    return {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64.b64encode(hashlib.sha256(body).digest()).decode()}


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in ("404", "NoSuchKey", "NoSuchUpload"):
            raise ObjectMissing(name) from error
        if code in ("412", "PreconditionFailed"):
            raise _Changed from error
        if code == "NotImplemented":
            raise NotImplementedError(code) from error
        raise StorageUnavailable(f"recordings: S3 answers {status} {code}") from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"recordings: S3 cannot be reached: {type(error).__name__}") from error
