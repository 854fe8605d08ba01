"""E-mail: as files, and by SMTP to a server of this test."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import ClassVar

import pytest

from cordboard.mail import BACKOFF_S, FileMailer, Mail, MailError, SmtpMailer, mailer, next_try
from cordboard.settings import Settings

MAIL = Mail("0b5e2f0a-53d9-4a8e-8f3b-111111111111", "rosa@example.com", "Order 12", "Ready: 8:05\n")


class Server(socketserver.StreamRequestHandler):
    """As much of SMTP as one e-mail takes; ``answer`` is what it says to the recipient."""

    answer: ClassVar[str] = "250 ok"
    taken: ClassVar[list[bytes]] = []

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.taken.append(b"".join(lines))
            self._say("221 bye" if verb == b"QUIT" else self._answer(verb))

    def _answer(self, verb: bytes) -> str:
        return type(self).answer if verb == b"RCPT" else "250 ok"

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def port() -> Iterator[int]:
    Server.answer, Server.taken = "250 ok", []
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def smtp(port: int) -> SmtpMailer:
    return SmtpMailer("smtp", "127.0.0.1", port, "", "", "orders@shop.example")


def test_an_e_mail_is_a_file_whole_or_not_at_all(tmp_path: Path) -> None:
    post = FileMailer(tmp_path / "outbox", "orders@shop.example")
    post.send(MAIL)
    post.send(MAIL)
    (found,) = (tmp_path / "outbox").iterdir()
    told = message_from_bytes(found.read_bytes())
    assert (told["To"], told["Subject"], told.get_payload()) == (
        MAIL.recipient,
        "Order 12",
        MAIL.body,
    )
    assert found.stat().st_mode & 0o077 == 0


def test_an_e_mail_goes_to_the_server(port: int) -> None:
    smtp(port).send(MAIL)
    told = message_from_bytes(Server.taken[0])
    assert told["Message-ID"] == f"<{MAIL.id}@shop.example>"
    assert told["From"] == "orders@shop.example"
    assert told.get_content_type() == "text/plain"


@pytest.mark.parametrize(("answer", "final"), [("550 nobody here", True), ("451 later", False)])
def test_what_the_server_refuses_for_good_is_final(port: int, answer: str, final: bool) -> None:
    Server.answer = answer
    with pytest.raises(MailError, match=answer[4:]) as refused:
        smtp(port).send(MAIL)
    assert refused.value.final is final
    assert Server.taken == []


def test_a_server_that_is_away_is_tried_again(tmp_path: Path) -> None:
    with pytest.raises(MailError) as refused:
        smtp(1).send(MAIL)
    assert not refused.value.final
    (tmp_path / "file").write_text("")
    with pytest.raises(MailError):
        FileMailer(tmp_path / "file", "a@b.c").send(MAIL)


def test_no_header_is_made_of_a_subject() -> None:
    with pytest.raises(MailError) as refused:
        smtp(1).send(Mail(MAIL.id, MAIL.recipient, "Order\r\nBcc: all@example.com", "x"))
    assert refused.value.final


def test_tries_come_to_an_end() -> None:
    assert next_try(1) == BACKOFF_S[0]
    assert next_try(len(BACKOFF_S)) == BACKOFF_S[-1]
    assert next_try(len(BACKOFF_S) + 1) is None


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://mail.example:25", 25), ("smtps://mail.example", 465), ("smtp+tls://m.example/", 587)],
)
def test_the_settings_name_the_server(url: str, port: int) -> None:
    post = mailer(Settings(mail_url=url))
    assert isinstance(post, SmtpMailer)
    assert (post.port, post.scheme) == (port, url.partition(":")[0])
    assert isinstance(mailer(Settings()), FileMailer)


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://u:p@mail.example"])
def test_a_mail_server_is_an_address(url: str) -> None:
    with pytest.raises(ValueError, match="no mail server"):
        Settings(mail_url=url)
