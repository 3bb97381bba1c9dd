"""The malware scanner: a real clamd with a signature of our own, and one that is away, slow of mind or too small."""

import io
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.errors import ScannerBusy
from ivr.scanning.clamd import Clamd

BAD = b"a harmless text that our own signature calls malware"
CONFIG = """\
Foreground yes
LocalSocket {folder}/clamd.ctl
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}/signatures
StreamMaxLength 1M
"""


@pytest.fixture(scope="module")
def daemon() -> Iterator[tuple[Path, int]]:
    """Socket and port of a clamd that knows one signature; a socket's path must be short, so it has its own folder."""
    program = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        message = "clamd is not installed; on Debian: apt install clamav-daemon"
        if os.environ.get("SPELREGEL_TEST_SERVERS") == "required":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="spelregel-clamd-"))
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Own.Test:0:*:{BAD.hex()}\n", encoding="ascii")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "clamd.conf").write_text(CONFIG.format(folder=folder, port=port), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not (folder / "clamd.ctl").exists():
            assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, (folder / "log").read_text(encoding="utf-8")
            time.sleep(0.1)
        yield folder / "clamd.ctl", port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


@pytest.mark.slow
def test_what_has_a_signature_is_found_and_the_rest_is_clean(daemon: tuple[Path, int]) -> None:
    path, port = daemon
    for scanner in (Clamd(path), Clamd(("127.0.0.1", port))):
        assert scanner.find_malware(io.BytesIO(bytes(500_000))) is None
        assert scanner.find_malware(io.BytesIO(bytes(200_000) + BAD)) == "Own.Test.UNOFFICIAL"


@pytest.mark.slow
def test_the_whole_file_is_scanned_wherever_it_was_read_to(daemon: tuple[Path, int]) -> None:
    file = io.BytesIO(BAD + bytes(1000))
    file.read()
    assert Clamd(daemon[0]).find_malware(file) == "Own.Test.UNOFFICIAL"


@pytest.mark.slow
def test_a_file_that_is_too_large_for_the_daemon_is_not_called_clean(daemon: tuple[Path, int]) -> None:
    with pytest.raises(ScannerBusy):
        Clamd(daemon[0]).find_malware(io.BytesIO(bytes(3_000_000)))


def test_a_daemon_that_is_away_is_busy(tmp_path: Path) -> None:
    with pytest.raises(ScannerBusy, match="does not answer"):
        Clamd(tmp_path / "clamd.ctl").find_malware(io.BytesIO(b"a"))


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, int]]:
    """A daemon that says this and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while b"\0\0\0\0" not in connection.recv(65536)[-4:]:
                    pass
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[:2]
        thread.join()


@pytest.mark.parametrize(
    "answer", [b"", b"stream: ", b"INSTREAM size limit exceeded. ERROR\0", b"\xff" * 5000, b"OK\0"]
)
def test_an_answer_that_says_nothing_about_the_file_is_no_clean_file(answer: bytes) -> None:
    with answering(answer) as address, pytest.raises(ScannerBusy, match="could not scan"):
        Clamd(address).find_malware(io.BytesIO(b"sound"))
