"""A mail by the server that the settings name. It raises as ``slack.py`` does: RetriableError where it surely did not
arrive, SourceError where it may have, or never will."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar

from collectors.secrets import star, starred
from slo.errors import RetriableError, SourceError
from tierline.notify.faults import Refused

if TYPE_CHECKING:
    from tierline.settings.out import Mail

TIMEOUT = 30
"""Seconds for one answer of the server."""
TYPES = {
    ".html": ("text", "html"),
    ".json": ("application", "json"),
    ".pdf": ("application", "pdf"),
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
T = TypeVar("T")
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>:;,]+>?")
_NOW = "it may work later"


class Mailer:
    """The server and the account of the settings. ``tls``: who is trusted, for a test's own server."""

    def __init__(self, settings: Mail, tls: ssl.SSLContext | None = None) -> None:
        star(settings.password)
        self.settings, self.tls = settings, tls
        self.title = f"mail by {settings.host}"

    def send(self, message: EmailMessage, to: Sequence[str]) -> None:
        """Delivers it to all of the addresses in one go. Raises RetriableError or SourceError."""
        with self._connected() as server:
            try:
                refused = server.send_message(message, self.settings.sender, list(to))
            except smtplib.SMTPRecipientsRefused as error:
                raise _refused(*next(iter(error.recipients.values())), "every address") from None
            except smtplib.SMTPResponseException as error:
                raise _refused(error.smtp_code, error.smtp_error, "the mail") from None
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                said = starred(error) or type(error).__name__
                raise SourceError(f"mail: no answer ({said}); it may have arrived, so it is not repeated") from None
        if refused:
            raise SourceError(f"mail: {len(refused)} of {len(to)} addresses were refused; the others have it")

    def check(self) -> str:
        """That the server takes the account. Raises RetriableError or SourceError."""
        with self._connected() as server:
            server.noop()
        return f"{self.settings.host} takes mail of {self.settings.sender}; nothing was sent"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """The server, encrypted and logged in. What breaks here has delivered nothing."""
        server = self._asked(self._open)
        try:
            self._asked(lambda: self._greet(server))
            yield server
            self._quietly(server.quit)
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        one = self.settings
        if one.security == "tls":
            return smtplib.SMTP_SSL(one.host, one.port, timeout=TIMEOUT, context=self._context())
        return smtplib.SMTP(one.host, one.port, timeout=TIMEOUT)

    def _greet(self, server: smtplib.SMTP) -> None:
        one = self.settings
        if one.security == "starttls":
            server.starttls(context=self._context())
        if one.user is not None and one.password is not None:
            server.login(one.user, one.password.get_secret_value())

    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    def _asked(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except smtplib.SMTPAuthenticationError as error:
            raise Refused(f"mail: the server refuses the account ({_said(error.smtp_error)}); check user and "
                              "password") from None  # fmt: skip
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"mail: {_said(error)}; set `security` to what the server offers") from None
        except ssl.SSLError as error:
            raise Refused(f"mail: no encrypted connection ({_said(error.reason)}); check host, port and "
                              "`security`") from None  # fmt: skip
        except (smtplib.SMTPException, OSError) as error:
            raise RetriableError(f"mail: no connection ({_said(error) or type(error).__name__}); {_NOW}") from None

    @staticmethod
    def _quietly(call: Callable[[], object]) -> None:
        try:
            call()
        except (smtplib.SMTPException, OSError):
            return  # it has been taken already


def _said(text: object) -> str:
    """What the server said; addresses stay out of logs and pages."""
    plain = starred(text.decode(errors="replace") if isinstance(text, bytes) else text)
    return _ADDRESS.sub("the address", plain)


def _refused(code: int, said: object, what: str) -> SourceError:
    """4xx asks to come again, 5xx never will."""
    told = f"mail: the server refused {what}: {code} {_said(said)}"
    return RetriableError(f"{told}; {_NOW}") if 400 <= code < 500 else Refused(f"{told}; check sender and addresses")


def message(
    subject: str, sender: str, to: Sequence[str], text: str, html: str, files: Mapping[str, bytes], at: datetime,
    identity: str,
) -> EmailMessage:  # fmt: skip
    """A mail with its text, the same as HTML, and files attached. ``identity``: the same for the same mail, so that a
    reader knows one that was sent again."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, sender, ", ".join(to)
    made["Date"], made["Message-ID"] = format_datetime(at), f"<{identity}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    for name, body in files.items():
        main, sub = TYPES[name[name.rindex(".") :]]
        made.add_attachment(body, maintype=main, subtype=sub, filename=name)
    return made
