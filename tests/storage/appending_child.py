"""Run as a process: appends entries, one transaction each, and prints every number once it is durable.

Usage: appending_child.py DATABASE_URL NAME COUNT
"""

import sys
from datetime import UTC, datetime

from storage.records import NewEntry
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def main(url: str, name: str, count: int) -> None:
    database = SqlDatabase(url)
    for index in range(count):
        with database.transaction() as unit:
            entry = unit.log.append(
                NewEntry(f"call-{name}-{index % 3}", f"{name}-{index}", "answer:yes", NOON, personal={"heard": "ja"})
            )
        sys.stdout.write(f"{entry.number} {entry.event_id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
