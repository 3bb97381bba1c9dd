"""Real S3-compatible servers on loopback, each a process of its own with credentials of its own.

nanio keeps objects as files, knows no versions, and ignores `If-None-Match`: the least that a store has to get along
with. moto's server keeps versions, honours the condition and locks objects, all in memory.
"""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3.session import Session

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "recorder", "AWS_SECRET_ACCESS_KEY": "of-these-tests-only"}
REGION = "eu-central-1"
BUCKET = "recordings"


@dataclass(frozen=True)
class S3Server:
    endpoint: str
    process: "subprocess.Popen[str]"

    def client(self) -> Any:
        session = Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
        return session.client("s3", endpoint_url=self.endpoint, region_name=REGION)

    def make_bucket(self, name: str, **how: object) -> None:
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **how)


@contextmanager
def nanio(folder: Path, port: int) -> Iterator[S3Server]:
    """With a bucket, which is empty unless an earlier server had the folder."""
    secrets = {
        "NANIO_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "NANIO_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    place = ["--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port), "--region", REGION]
    with _running(["nanio", "serve", *place, "--no-access-log"], port, "Uvicorn running", secrets) as server:
        if not (folder / BUCKET).exists():
            server.make_bucket(BUCKET)
        yield server


@contextmanager
def moto(port: int) -> Iterator[S3Server]:
    """With an empty bucket that keeps versions."""
    with _running(["moto.server", "-H", "127.0.0.1", "-p", str(port)], port, "Running on", {}) as server:
        server.make_bucket(BUCKET)
        versions = {"Status": "Enabled"}
        server.client().put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versions)
        yield server


@contextmanager
def _running(module: Sequence[str], port: int, ready: str, environment: dict[str, str]) -> Iterator[S3Server]:
    with subprocess.Popen(
        [sys.executable, "-m", *module],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if ready in line:
                break
        else:
            raise AssertionError("".join(said))
        reader = threading.Thread(target=deque, args=(process.stderr, 0))  # a full pipe would stop the server
        reader.start()
        try:
            yield S3Server(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            reader.join()
