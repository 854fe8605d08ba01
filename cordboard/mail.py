"""E-mail: handed to a server by SMTP, or written as a file. Both block; the worker uses threads."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cordboard.settings import Settings

#: Seconds to connect and for each answer.
TIMEOUT_S = 15.0
#: Seconds from one failed try to the next; after the last of these it has failed.
BACKOFF_S = (10, 60, 300, 1800, 7200, 21_600)


class MailError(Exception):
    """It was not taken; ``final`` when it never will be."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail of plain text; ``id`` (UUID) makes its Message-ID, the same at each try."""

    id: str
    recipient: str
    subject: str
    body: str


class Mailer(Protocol):
    """Takes e-mail."""

    def send(self, mail: Mail) -> None:
        """Hand it over.

        Raises:
            MailError: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class FileMailer:
    """Writes each e-mail as ``<id>.eml``: for demo and tests, and for stacks without a server."""

    folder: Path
    sender: str

    def send(self, mail: Mail) -> None:
        """Written whole or not at all; the same again replaces it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = self.folder / f".{mail.id}.part"
            unfinished.write_bytes(message(mail, self.sender).as_bytes())
            unfinished.chmod(0o600)
            unfinished.replace(self.folder / f"{mail.id}.eml")
        except OSError as error:
            raise MailError(f"cannot write into {self.folder}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands e-mail to a server; ``scheme`` is smtp, smtp+tls (STARTTLS) or smtps."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    def send(self, mail: Mail) -> None:
        """See :class:`Mailer`. What the server refuses for good (5xx) is final."""
        made = message(mail, self.sender)
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(made)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise MailError(_said(code, text), final=code >= 500) from error
        except smtplib.SMTPAuthenticationError as error:  # a password can be mended
            raise MailError(_said(error.smtp_code, error.smtp_error)) from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500
            raise MailError(_said(error.smtp_code, error.smtp_error), final=final) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailError(f"{self.host}:{self.port}: {error}"[:280]) from error

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        if self.scheme == "smtp+tls":
            server.starttls(context=context)
        return server


def mailer(settings: Settings) -> Mailer:
    """The one that the settings name."""
    if not settings.mail_url:
        return FileMailer(settings.run / "outbox", settings.mail_from)
    parts = urlsplit(settings.mail_url)
    return SmtpMailer(
        scheme=parts.scheme,
        host=parts.hostname or "localhost",
        port=parts.port or (465 if parts.scheme == "smtps" else 587),
        user=settings.mail_user,
        password=settings.mail_password.get_secret_value(),
        sender=settings.mail_from,
    )


def message(mail: Mail, sender: str) -> EmailMessage:
    """The e-mail as it is sent: plain text, so that nothing in it is obeyed.

    Raises:
        MailError: a header would have line ends in it.
    """
    made = EmailMessage()
    try:
        made["From"], made["To"], made["Subject"] = sender, mail.recipient, mail.subject
    except ValueError as error:
        raise MailError(f"an address or the subject cannot be sent: {error}", final=True) from error
    made["Date"] = format_datetime(localtime())
    made["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.body)
    return made


def next_try(attempts: int) -> int | None:
    """Seconds until the next try after so many failed ones; None: it has failed."""
    return BACKOFF_S[attempts - 1] if 0 < attempts <= len(BACKOFF_S) else None


def _said(code: int, text: bytes | str) -> str:
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    plain = "".join(c if c.isprintable() else " " for c in said)
    return f"the mail server answers {code}: {plain}"[:280]
