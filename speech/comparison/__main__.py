"""`python -m speech.comparison AGENCY COPY`: compare two files in a process that has nothing to lose.

A stranger made the copy, and decoders have faults. This process gets the sound and nothing else: no key, no database,
a bound on its memory and time, and nothing that it could write but its answer. Whoever starts it reads that as what a
stranger says: a `Report` as JSON, or why there is none: `{"unusable": "agency" | "copy", "too_long": bool}`.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from speech.comparison.decoding import decode
from speech.comparison.files import compare_decoded
from speech.errors import TooLong, UnusableAudio

MEMORY_BYTES = 6 * 2**30
CPU_S = 30 * 60
ANSWER_BYTES = 4 * 2**20
LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CPU: CPU_S,
    resource.RLIMIT_FSIZE: ANSWER_BYTES,
    resource.RLIMIT_CORE: 0,  # a core dump would hold the conversation
}


def main(agency: str, copy: str) -> None:
    for limit, most in LIMITS.items():
        _, hard = resource.getrlimit(limit)
        lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (lower, lower))
    os.nice(10)  # calls that go on now come first
    sys.stdout.write(json.dumps(answer(Path(agency), Path(copy)), allow_nan=False))


def answer(agency: Path, copy: Path) -> dict[str, object]:
    decoded = []
    for name, path in (("agency", agency), ("copy", copy)):
        try:
            decoded.append(decode(path))
        except UnusableAudio as fault:
            return {"unusable": name, "too_long": isinstance(fault, TooLong)}
    return asdict(compare_decoded(*decoded))


if __name__ == "__main__":
    main(*sys.argv[1:])
