"""Run as a process: appends entries, one transaction each, and prints every number once it is durable.

Usage: appending_child.py DATABASE_URL NAME COUNT [HOW]

HOW is `unfinished`: the last entry is written, and the process kills itself before the commit; or a number of bytes
that no file may outgrow, so that the disk is full at some moment: what could not be written is then tried once more.
"""

import contextlib
import os
import resource
import signal
import sys
from datetime import UTC, datetime

from storage.errors import StorageUnavailable
from storage.records import NewEntry
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def main(url: str, name: str, count: int, how: str = "") -> None:
    database = SqlDatabase(url)
    if how.isdecimal():
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(how), int(how)))
    for index in range(count):
        unfinished = how == "unfinished" and index == count - 1
        try:
            append(database, name, index, unfinished=unfinished)
        except StorageUnavailable:
            with contextlib.suppress(StorageUnavailable):
                append(database, name, index)
            sys.stdout.write("full\n")
            return


def append(database: SqlDatabase, name: str, index: int, *, unfinished: bool = False) -> None:
    with database.transaction() as unit:
        entry = unit.log.append(
            NewEntry(f"call-{name}-{index % 3}", f"{name}-{index}", "answer:yes", NOON, personal={"heard": "ja"})
        )
        if unfinished:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.write(f"{entry.number} {entry.event_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:])
