"""Time stamps in a copy: by a real authority (`openssl ts`), and what a wrong one can do."""

import io
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import c2pa
import pytest

from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import Form
from ivr.copying.signing import Signer, SigningFailed
from tests.certificates import Authority
from tests.ivr.copying.copies import Recorded
from tests.ivr.copying.stamping import WRONG, dated
from tests.ivr.witnesses.outsiders import Answering, OpensslAuthority, Reply, web_server


@pytest.fixture(scope="module")
def stamps(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    return OpensslAuthority(tmp_path_factory.mktemp("stamps") / "authority")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Signer:
    return Signer(authority.issue().load())


def copies(signer: Signer, answering: Answering) -> dict[Form, bytes]:
    with web_server(answering) as url:
        return Recorded(seconds=0.5).copies(replace(signer, tsa=f"{url}/tsr"))


def test_a_copy_carries_the_time_at_which_the_authority_saw_it(
    signer: Signer, authority: Authority, stamps: OpensslAuthority
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    for form, data in copies(signer, stamps).items():
        found = read_credentials(form, io.BytesIO(data), authority.pem.read_text())
        assert (found.state, found.faults) == (State.TRUSTED, ())
        assert found.stamped_at is not None
        assert before <= found.stamped_at <= datetime.now(UTC)


def test_the_authority_is_asked_once_for_each_file(signer: Signer, stamps: OpensslAuthority) -> None:
    asked = len(stamps.asked)
    copies(signer, stamps)
    assert len(stamps.asked) == asked + len(Form)
    assert stamps.asked[-1] != stamps.asked[-2]


def test_who_trusts_the_authority_sees_that_the_stamp_is_of_this_signature(
    signer: Signer, authority: Authority, stamps: OpensslAuthority
) -> None:
    """With the C2PA project's own reader and nothing of ours."""
    anchors = authority.pem.read_text() + (stamps.folder / "ca.pem").read_text()
    settings = {"trust": {"user_anchors": anchors}, "verify": {"verify_trust": True}}
    for form, data in copies(signer, stamps).items():
        with (
            c2pa.Context(c2pa.Settings.from_dict(settings)) as context,
            c2pa.Reader(form.mimetype, io.BytesIO(data), context=context) as reader,
        ):
            told = json.loads(reader.json())
        codes = {one["code"] for one in told["validation_results"]["activeManifest"]["success"]}
        assert told["validation_state"] == "Trusted"
        assert {"timeStamp.validated", "timeStamp.trusted", "claimSignature.insideValidity"} <= codes


def test_a_changed_byte_of_the_stamp_is_seen_or_takes_the_stamp_away(
    signer: Signer, authority: Authority, stamps: OpensslAuthority
) -> None:
    """It never makes the copy say another time."""
    data, anchors = copies(signer, stamps)[Form.WAV], authority.pem.read_text()
    good = read_credentials(Form.WAV, io.BytesIO(data), anchors)
    start = data.index(b"sigTst")
    for at in range(start, start + 3000, 37):
        harmed = bytearray(data)
        harmed[at] ^= 1
        found = read_credentials(Form.WAV, io.BytesIO(bytes(harmed)), anchors)
        assert found.state is State.CHANGED or found.stamped_at in (None, good.stamped_at)


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_that_is_no_stamp_of_this_question_is_refused(
    signer: Signer, stamps: OpensslAuthority, name: str
) -> None:
    with pytest.raises(SigningFailed, match="could not be signed: Signature"):
        copies(signer, WRONG[name](stamps))


def test_a_stamp_of_a_day_on_which_the_authority_had_no_certificate_is_refused(
    signer: Signer, stamps: OpensslAuthority
) -> None:
    with pytest.raises(SigningFailed, match="expired certificate"):
        copies(signer, dated(stamps, timedelta(days=-2)))


@pytest.mark.slow
def test_an_authority_that_never_answers_is_waited_for_half_a_minute(signer: Signer) -> None:
    """By the library's own limit, which holds for the whole answer and cannot be set; the test waits it out once."""
    never = threading.Event()

    def silent(_: str, __: bytes) -> Reply:
        never.wait()
        return Reply(503)

    with web_server(silent) as url:
        try:
            with pytest.raises(SigningFailed, match="error sending request"):
                replace(signer, tsa=url).sign(Form.WAV, io.BytesIO(Recorded(seconds=0.5).sound), "x", {"agency": "x"})
        finally:
            never.set()


@pytest.mark.parametrize("form", Form)
def test_where_no_stamp_is_wanted_the_authority_is_not_asked(
    signer: Signer, stamps: OpensslAuthority, form: Form
) -> None:
    asked = len(stamps.asked)
    recorded = Recorded(seconds=0.5)
    source = io.BytesIO(recorded.copies(None)[form])
    with web_server(stamps) as url:
        made = replace(signer, tsa=url).sign(form, source, "x", {"agency": "x"}, stamped=False)
        assert read_credentials(form, io.BytesIO(made.read() or b"")).stamped_at is None
    assert len(stamps.asked) == asked
