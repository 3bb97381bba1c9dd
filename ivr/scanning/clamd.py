"""clamd, ClamAV's daemon: a file goes to it as a stream and is stored nowhere else (clamd(8), INSTREAM)."""

import re
import socket
import struct
from pathlib import Path
from typing import BinaryIO

from ivr.errors import ScannerBusy

PIECE_BYTES = 64 * 1024
ANSWER_WITHIN_S = 120.0
LONGEST_ANSWER_BYTES = 4096
FOUND = re.compile(r"stream: (.+) FOUND")


class Clamd:
    """Reached by a Unix socket or by host and port."""

    def __init__(self, address: Path | tuple[str, int]) -> None:
        self._address = address

    def find_malware(self, file: BinaryIO) -> str | None:
        """The signature's name, None for a clean file. Raises `ScannerBusy`: also where the file is larger than clamd's
        own `StreamMaxLength`, which an operator has to raise."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                file.seek(0)
                while piece := file.read(PIECE_BYTES):
                    connection.sendall(struct.pack(">I", len(piece)) + piece)
                connection.sendall(struct.pack(">I", 0))
                answer = _answer(connection)
        except OSError as fault:
            raise ScannerBusy(f"clamd does not answer: {fault}") from fault
        if answer == "stream: OK":
            return None
        if found := FOUND.fullmatch(answer):
            return found[1]
        raise ScannerBusy(f"clamd could not scan: {answer or 'no answer'}")

    def _connect(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, timeout=ANSWER_WITHIN_S)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(ANSWER_WITHIN_S)
        try:
            connection.connect(str(self._address))
        except BaseException:
            connection.close()
            raise
        return connection


def _answer(connection: socket.socket) -> str:
    """One line that ends with a zero byte."""
    got = b""
    while not got.endswith(b"\0") and len(got) < LONGEST_ANSWER_BYTES:
        piece = connection.recv(LONGEST_ANSWER_BYTES)
        if not piece:
            break
        got += piece
    return got.rstrip(b"\0").decode(errors="replace").strip()
