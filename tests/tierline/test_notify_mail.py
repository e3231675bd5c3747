"""Mail, handed to a real SMTP server: what arrived, what surely did not, and what may have."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from slo.errors import RetriableError, SourceError
from tierline.notify_mail import Mailer, message
from tierline.settings_out import Mail

AT = datetime(2026, 11, 6, 7, tzinfo=UTC)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])


class Server:
    """An SMTP server with STARTTLS and one account. ``says``: its answer to the data; None breaks the connection."""

    def __init__(self, folder: Path) -> None:
        self.got: list[Any] = []
        self.says: str | None = "250 OK"
        self.unknown: set[str] = set()
        context, self.trusting = certificate(folder)
        self.port = free_port()
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, tls_context=context, require_starttls=True,
            authenticator=self.judge, auth_required=True,
        )  # fmt: skip
        self.controller.start()

    def judge(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == b"canary-password"
        return AuthResult(success=good, handled=good)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if self.says is None:
            server.transport.abort()
            return "250 OK"
        return self.says

    def settings(self, **other: Any) -> Mail:
        told = {"host": "127.0.0.1", "port": self.port, "user": "tierline", "password": "canary-password",
                "sender": "tierline@example.com", "to": ["a@example.com", "b@example.com"]}  # fmt: skip
        return Mail.model_validate(told | other)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context for a server on loopback, and one that trusts it."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain, pem = serialization.NoEncryption(), serialization.Encoding.PEM
    path = folder / "both.pem"
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("smtp"))
    yield made
    made.controller.stop()


@pytest.fixture
def server(running: Server) -> Server:
    running.got.clear()
    running.says = "250 OK"
    running.unknown = set()
    return running


def sent(server: Server, **other: Any) -> None:
    made = message("Report of October 2026", "tierline@example.com", ["a@example.com", "b@example.com"], "kept 21\n",
                   "<p>kept 21</p>", {"r.pdf": b"%PDF-1", "r.xlsx": b"PK"}, AT, "report-2026-10-abc")  # fmt: skip
    Mailer(server.settings(**other), server.trusting).send(made, ["a@example.com", "b@example.com"])


def test_a_mail_arrives_whole_over_an_encrypted_connection(server: Server) -> None:
    sent(server)
    ((sender, to, content),) = server.got
    assert (sender, to) == ("tierline@example.com", ["a@example.com", "b@example.com"])
    got = email.message_from_bytes(content, policy=email.policy.default)
    assert (got["Subject"], got["Message-ID"]) == ("Report of October 2026", "<report-2026-10-abc@example.com>")
    assert got["Date"].datetime == AT
    assert got.get_body(("plain",)).get_content().strip() == "kept 21"
    assert got.get_body(("html",)).get_content().strip() == "<p>kept 21</p>"
    files = [(one.get_filename(), one.get_content_type(), one.get_content()) for one in got.iter_attachments()]
    assert files == [
        ("r.pdf", "application/pdf", b"%PDF-1"),
        ("r.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ]


def test_checking_logs_in_and_sends_nothing(server: Server) -> None:
    told = Mailer(server.settings(), server.trusting).check()
    assert told == "127.0.0.1 takes mail of tierline@example.com; nothing was sent"
    assert server.got == []


@pytest.mark.parametrize(("says", "retried"), [("451 try again", True), ("554 no", False)])
def test_what_the_server_refuses_did_not_arrive(server: Server, says: str, retried: bool) -> None:
    server.says = says
    with pytest.raises(SourceError, match=says) as caught:
        sent(server)
    assert isinstance(caught.value, RetriableError) is retried


def test_a_connection_that_breaks_off_may_have_delivered(server: Server) -> None:
    server.says = None
    with pytest.raises(SourceError, match="it may have arrived, so it is not repeated") as caught:
        sent(server)
    assert not isinstance(caught.value, RetriableError)


def test_one_unknown_address_does_not_keep_the_others_from_it(server: Server) -> None:
    server.unknown = {"b@example.com"}
    with pytest.raises(SourceError, match="1 of 2 addresses were refused; the others have it") as caught:
        sent(server)
    assert not isinstance(caught.value, RetriableError)
    assert [to for _, to, _ in server.got] == [["a@example.com"]]


def test_a_wrong_password_is_said_and_not_told(server: Server) -> None:
    with pytest.raises(SourceError, match="the server refuses the account") as caught:
        sent(server, password="canary-wrong-one")
    assert "canary" not in str(caught.value) and server.got == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(server: Server) -> None:
    with pytest.raises(SourceError, match="no encrypted connection"):
        Mailer(server.settings()).check()


def test_nobody_there_delivered_nothing(server: Server) -> None:
    with pytest.raises(RetriableError, match="mail: no connection"):
        Mailer(server.settings(port=free_port())).check()
