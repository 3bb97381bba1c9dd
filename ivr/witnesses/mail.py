"""A checkpoint by e-mail: to somebody who keeps their mail where nobody of us can reach it."""

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from config.witness_addresses import MailServer
from ivr.errors import WitnessBusy, WitnessRefused
from ivr.evidence_ports import Submission
from ivr.ports import Clock
from storage.witnessing import Statement, StatementKind, StatementRow

QUIET_S = 20.0
WORDS = """\
Dit bericht is automatisch gemaakt.

In de bijlage staat een ijkpunt van het logboek {origin}. Een ijkpunt is een ondertekende
samenvatting van het hele logboek op dit moment: {size} regels. Er staan geen persoonsgegevens in.

Bewaar dit bericht. Daarmee kan later iemand bewijzen dat deze {size} regels niet zijn veranderd:

    spelregel log verify --since {file}

U hoeft niets te doen.
"""


class Mail:
    def __init__(self, name: str, to: str, sender: str, server: MailServer, clock: Clock) -> None:
        self.name = name
        self._to = to
        self._sender = sender
        self._server = server
        self._clock = clock

    def deliver(self, submission: Submission) -> Statement:
        """A crash between the server's answer and ours makes a second message, with the same Message-ID."""
        try:
            with self._connect() as smtp:
                if self._server.user:
                    smtp.login(self._server.user, self._server.password)
                smtp.send_message(self._message(submission))
        except smtplib.SMTPRecipientsRefused as fault:
            raise self._refusal(min((code for code, _ in fault.recipients.values()), default=0)) from None
        except smtplib.SMTPResponseException as fault:
            raise self._refusal(fault.smtp_code) from None  # the server's own words may repeat what we said
        except smtplib.SMTPNotSupportedError:
            raise WitnessRefused(f"{self.name}: the mail server does not do TLS or signing in") from None
        except ssl.SSLCertVerificationError:
            raise WitnessRefused(f"{self.name}: the mail server's certificate is not trusted") from None
        except (smtplib.SMTPException, OSError) as fault:
            raise WitnessBusy(f"{self.name}: the mail server does not answer: {type(fault).__name__}") from None
        return Statement(StatementKind.KEPT, b"handed to the mail server")

    def check(self, row: StatementRow) -> None:
        """Nothing here: whoever keeps it can hold it against the log."""

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=QUIET_S, context=ssl.create_default_context())
        smtp = smtplib.SMTP(server.host, server.port, timeout=QUIET_S)
        try:
            if not server.local:
                smtp.starttls(context=ssl.create_default_context())
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _message(self, submission: Submission) -> EmailMessage:
        checkpoint, note = submission.checkpoint, submission.note.encode()
        file = f"ijkpunt-{checkpoint.size}.txt"
        message = EmailMessage()
        message["From"], message["To"] = self._sender, self._to
        message["Subject"] = f"IJkpunt van het logboek {checkpoint.origin}: {checkpoint.size} regels"
        message["Date"] = format_datetime(self._clock.now())
        digest = hashlib.sha256(note + self._to.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(WORDS.format(origin=checkpoint.origin, size=checkpoint.size, file=file))
        message.add_attachment(note.decode(), filename=file, cte="base64")
        return message

    def _refusal(self, code: int) -> Exception:
        if 400 <= code < 500:
            return WitnessBusy(f"{self.name}: the mail server says {code}")
        return WitnessRefused(f"{self.name}: the mail server says {code}")
