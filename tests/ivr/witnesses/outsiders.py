"""Those outside, as real as a test can have them: web and mail servers on loopback, a witness, a time stamp authority.

The witness is written from C2SP tlog-witness and RFC 6962 alone and shares no code with the service, so that a shared
mistake cannot hide.
"""

import base64
import hashlib
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from tests.conftest import SERVERS_REQUIRED

NOW_S = 1_793_711_100
SIGNED_BY_SIZE = re.compile(r"— (\S+) (\S+)")


@dataclass
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Answering = Callable[[str, bytes], Reply]
"""(path, body) -> what is answered."""


@contextmanager
def web_server(answering: Answering) -> Iterator[str]:
    """Its address, without a slash at the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = answering(self.path, body)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at the answers."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---------------------------------------------------------------- a witness


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grows(old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof is the one of RFC 6962 section 2.1.2, followed back as that section defines it."""
    left = list(proof)

    def follow(m: int, n: int, *, whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            one = old_root if whole else left.pop()
            return one, one
        k = 1
        while k * 2 < n:
            k *= 2
        beside = left.pop()
        if m <= k:
            old, new = follow(m, k, whole=whole)
            return old, _node(new, beside)
        old, new = follow(m - k, n - k, whole=False)
        return _node(beside, old), _node(beside, new)

    if old_size == 0:
        return not proof
    try:
        return follow(old_size, size, whole=True) == (old_root, root) and not left
    except IndexError:
        return False


@dataclass
class OutsideWitness:
    """Cosigns one log; `seen` is the size and root of its last checkpoint, `heard` every old size it was told."""

    name: str
    log_name: str
    log_key: bytes
    key: Ed25519PrivateKey | MLDSA44PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    )
    seen: tuple[int, bytes] = (0, b"")
    heard: list[int] = field(default_factory=list)

    @property
    def _material(self) -> bytes:
        kind = b"\x04" if isinstance(self.key, Ed25519PrivateKey) else b"\x06"
        return kind + self.key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self._material).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._material).decode()}"

    def __call__(self, path: str, body: bytes) -> Reply:
        """C2SP tlog-witness, add-checkpoint, in the order in which it checks."""
        assert path.endswith("/add-checkpoint")
        head, note = body.decode().split("\n\n", 1)
        first, *proof_lines = head.split("\n")
        text, signatures = note.split("\n\n", 1)
        origin, size_line, root_line = text.split("\n")
        old_size, size, root = int(first.removeprefix("old ")), int(size_line), base64.b64decode(root_line)
        self.heard.append(old_size)
        if origin != self.log_name:
            return Reply(404)
        if not self._signed(f"{text}\n".encode(), signatures):
            return Reply(403)
        if old_size > size:
            return Reply(400)
        if old_size != self.seen[0] or (old_size == size and root != self.seen[1]):
            return Reply(409, f"{self.seen[0]}\n".encode(), {"Content-Type": "text/x.tlog.size"})
        if not grows(old_size, size, self.seen[1], root, [base64.b64decode(line) for line in proof_lines]):
            return Reply(422)
        self.seen = (size, root)
        return Reply(200, self.cosign(f"{text}\n").encode())

    def cosign(self, text: str, at_s: int = NOW_S) -> str:
        """The signature line, with its newline."""
        if isinstance(self.key, Ed25519PrivateKey):
            signature = self.key.sign(f"cosignature/v1\ntime {at_s}\n{text}".encode())
        else:
            origin, size, root, _ = text.split("\n")
            parts = [b"subtree/v1\n\0", bytes([len(self.name)]), self.name.encode(), at_s.to_bytes(8)]
            parts += [bytes([len(origin)]), origin.encode(), bytes(8), int(size).to_bytes(8), base64.b64decode(root)]
            signature = self.key.sign(b"".join(parts))
        return f"— {self.name} {base64.b64encode(self.key_id + at_s.to_bytes(8) + signature).decode()}\n"

    def _signed(self, text: bytes, signatures: str) -> bool:
        public = Ed25519PublicKey.from_public_bytes(self.log_key)
        for name, encoded in SIGNED_BY_SIZE.findall(signatures):
            if name == self.log_name:
                try:
                    public.verify(base64.b64decode(encoded)[4:], text)
                except InvalidSignature:
                    continue
                return True
        return False


# ---------------------------------------------------------------- a time stamp authority

AUTHORITY = """\
[stamps]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


class OpensslAuthority:
    """`openssl ts` with certificates of its own; `pinned` holds its certificate and its root."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.pinned = folder / "pinned.pem"
        self._run("req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -days 30 -subj /O=Test/CN=Root")
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key"
        self._run(f"req {key} -out tsa.csr -subj /O=Test/CN=Stamps")
        (folder / "extensions").write_text(EXTENSIONS)
        self._run("x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -days 20 -extfile extensions -out tsa.pem")
        (folder / "tsa.cnf").write_text(AUTHORITY.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self.pinned.write_bytes((folder / "tsa.pem").read_bytes() + (folder / "ca.pem").read_bytes())
        self.asked: list[bytes] = []

    def __call__(self, _: str, body: bytes) -> Reply:
        self.asked.append(body)
        return Reply(200, self.stamp(body), {"Content-Type": "application/timestamp-reply"})

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._run("ts -reply -queryfile query -config tsa.cnf -section stamps -out reply")
        return (self.folder / "reply").read_bytes()

    def accepts(self, stamp: Path, data: Path) -> bool:
        return accepts(self.folder, stamp, data)

    def _run(self, arguments: str) -> None:
        openssl(self.folder, arguments).check_returncode()


def accepts(authority: Path, stamp: Path, data: Path) -> bool:
    """Whether openssl itself finds that the stamp is of these bytes, by the authority in that folder."""
    done = openssl(authority, f"ts -verify -data {data} -in {stamp} -CAfile ca.pem -untrusted tsa.pem")
    return done.returncode == 0


def openssl(folder: Path, arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("openssl")
    if program is None and not SERVERS_REQUIRED:
        pytest.skip("no openssl program on this machine")
    assert program is not None, "no openssl on this machine"
    return subprocess.run([program, *arguments.split()], cwd=folder, capture_output=True, check=False)
