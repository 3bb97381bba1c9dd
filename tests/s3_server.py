"""A real S3-compatible server on loopback: nanio, as a process of its own, with credentials of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
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
    """`folder` has the bucket's objects as files."""

    endpoint: str
    folder: Path

    def client(self) -> Any:
        session = Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
        return session.client("s3", endpoint_url=self.endpoint, region_name=REGION)


@contextmanager
def s3_server(folder: Path, port: int) -> Iterator[S3Server]:
    """With an empty bucket."""
    command = [sys.executable, "-m", "nanio", "serve", "--data-dir", str(folder), "--host", "127.0.0.1"]
    secrets = {
        "NANIO_ACCESS_KEY": CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "NANIO_SECRET_KEY": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    with subprocess.Popen(
        [*command, "--port", str(port), "--region", REGION, "--no-access-log"],
        env={**os.environ, **secrets},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "Uvicorn running" in line:
                break
        else:
            raise AssertionError("".join(said))
        try:
            server = S3Server(f"http://127.0.0.1:{port}", folder)
            server.client().create_bucket(Bucket=BUCKET)
            yield server
        finally:
            process.terminate()
