"""Slack and a mail server on loopback, for what sends to them."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.tierline.stage import ALL, HOOK, Stage
from tierline.settings.out import Mail


class Slack:
    """Answers POSTs as Slack does. ``answers``: status, body, headers, one a request, the last for all that follow;
    status 0 cuts the connection without an answer."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str, dict[str, str]]] = [(200, "ok", {})]
        self.got: list[tuple[str, dict[str, Any], str]] = []
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = json.loads(body) if body.startswith(b"{") else {}
                slack.got.append((self.path, told, self.headers.get("Authorization") or ""))
                status, text, headers = slack.answers.pop(0) if len(slack.answers) > 1 else slack.answers[0]
                if status:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack()
    yield made
    made.stop()


class Smtp:
    """An SMTP server with STARTTLS and one account. ``says``: its answer to the data; None breaks the connection."""

    def __init__(self, folder: Path) -> None:
        from aiosmtpd.controller import Controller

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

    free_port = staticmethod(free_port)

    def judge(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        from aiosmtpd.smtp import AuthResult, LoginPassword

        good = isinstance(data, LoginPassword) and data.password == b"canary-password"
        return AuthResult(success=good, handled=good)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.unknown:
            return f"550 <{address}>: no such mailbox"
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
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

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


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[Smtp]:
    made = Smtp(tmp_path)
    yield made
    made.controller.stop()


@pytest.fixture
def hook(slack: Any, tmp_path: Path) -> Iterator[Stage]:
    """A webhook that knows that nothing was open at noon, and whose server has forgotten the message saying so."""
    stage = Stage(tmp_path, HOOK % ALL, HOOK=slack.url + "/canary-path")
    stage.see(0)
    slack.got.clear()
    yield stage
    stage.store.close()
