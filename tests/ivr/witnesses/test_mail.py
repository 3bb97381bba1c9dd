"""Checkpoints by e-mail, through a real SMTP server on loopback."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from config.witness_addresses import MailServer
from ivr.errors import WitnessBusy, WitnessRefused
from ivr.witnesses.mail import Mail
from storage.consent_log.checkpoint import open_checkpoint
from storage.witnessing import StatementKind
from tests.builders import SetClock
from tests.conftest import free_port
from tests.ivr.witnesses.outsiders import OpensslAuthority
from tests.ivr.witnesses.submitting import SIGNER, SmallLog

LOG = SmallLog(5)
TO, SENDER = "fg@agency.test", "logboek@agency.test"
USER, PASSWORD = "spelregel", "a-password-that-nobody-sees"


@dataclass
class Mailbox:
    """What aiosmtpd calls; `answer` is its answer to a recipient."""

    answer: str = "250 OK"
    got: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.got.append(message)
        return "250 OK"


def knows(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
    good = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)  # not handled: the library answers


@contextmanager
def mail_server(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, sign_in: bool = False) -> Iterator[MailServer]:
    port = free_port()
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=port,
        ssl_context=tls,
        auth_required=sign_in,
        auth_require_tls=not sign_in,
        authenticator=knows,
    )
    controller.start()
    try:
        yield MailServer("127.0.0.1", port, tls is not None)
    finally:
        controller.stop()


def mail(server: MailServer) -> Mail:
    return Mail(f"mailto:{TO}", TO, SENDER, server, SetClock())


def test_the_message_carries_the_checkpoint_as_a_file() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        said = mail(server).deliver(LOG.submission())
    assert said.kind is StatementKind.KEPT
    (message,) = mailbox.got
    assert (message["To"], message["From"], message["Auto-Submitted"]) == (TO, SENDER, "auto-generated")
    assert message["Subject"] == "IJkpunt van het logboek spelregel.test/log: 5 regels"
    assert message["Date"] == "Tue, 03 Nov 2026 13:05:00 +0000"
    (file,) = message.iter_attachments()
    assert file.get_filename() == "ijkpunt-5.txt"
    note = file.get_content()
    assert note == LOG.submission().note
    assert open_checkpoint(note, [SIGNER.key]) == LOG.checkpoint()
    body = message.get_body()
    assert body is not None
    assert "Er staan geen persoonsgegevens in." in body.get_content()
    assert "spelregel log verify --since ijkpunt-5.txt" in body.get_content()


def test_the_same_checkpoint_has_the_same_message_id_and_another_one_another() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        for size in (5, 5, 4):
            mail(server).deliver(LOG.submission(size))
    first, again, other = (message["Message-ID"] for message in mailbox.got)
    assert first == again != other
    assert first.endswith("@agency.test>")


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # on loopback there is no TLS to require
def test_it_signs_in_where_the_server_asks_for_it() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, sign_in=True) as server:
        mail(replace(server, user=USER, password=PASSWORD)).deliver(LOG.submission())
        with pytest.raises(WitnessRefused, match="says 535") as caught:
            mail(replace(server, user=USER, password="another-secret")).deliver(LOG.submission())
        with pytest.raises(WitnessRefused, match="says 530"):
            mail(server).deliver(LOG.submission())
    assert len(mailbox.got) == 1
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [("451 later", WitnessBusy), ("550 nobody of that name", WitnessRefused), ("452 mailbox full", WitnessBusy)],
)
def test_no_is_told_from_not_now(answer: str, fault: type[Exception]) -> None:
    with mail_server(Mailbox(answer)) as server, pytest.raises(fault, match=f"says {answer[:3]}"):
        mail(server).deliver(LOG.submission())


def test_a_server_that_is_away_is_waited_for() -> None:
    with pytest.raises(WitnessBusy, match="does not answer"):
        mail(MailServer("127.0.0.1", free_port(), tls=False)).deliver(LOG.submission())


def test_nothing_is_sent_in_the_clear_to_another_machine() -> None:
    """`127.1` leads to this one, but is not a name of it that we know."""
    mailbox = Mailbox()
    with mail_server(mailbox) as server, pytest.raises(WitnessRefused, match="does not do TLS"):
        mail(replace(server, host="127.1")).deliver(LOG.submission())
    assert not mailbox.got


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    authority = OpensslAuthority(tmp_path / "certificates")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.folder / "tsa.pem", authority.folder / "tsa.key")
    mailbox = Mailbox()
    with mail_server(mailbox, tls=tls) as server, pytest.raises(WitnessRefused, match="certificate is not trusted"):
        mail(server).deliver(LOG.submission())
    assert not mailbox.got
