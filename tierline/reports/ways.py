"""Where a report goes: into a folder, by mail, into a channel. Each way is tried and remembered by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dashboards.report import letter as letters
from dashboards.report.forms import draw
from dashboards.report.letter import Letter
from slo.errors import RetriableError
from tierline.notify.blocks import escaped, section
from tierline.notify.mail import Mailer, message
from tierline.notify.slack import Receiver, receiver

if TYPE_CHECKING:
    from tierline.config import Config


@dataclass(frozen=True)
class Parcel:
    """A letter and its files, drawn when they are asked for and once. ``name`` begins the files' names."""

    letter: Letter
    name: str
    forms: Sequence[str]
    at: datetime
    _drawn: dict[str, bytes] = field(default_factory=dict)

    def files(self) -> Mapping[str, bytes]:
        """File name -> content."""
        for form in self.forms:
            if form not in self._drawn:
                self._drawn[form] = draw(self.letter.document, form)
        return {f"{self.name}.{form}": self._drawn[form] for form in self.forms}


class Way(Protocol):
    """A way out. ``key`` is remembered, ``title`` is shown."""

    key: str
    title: str

    def deliver(self, parcel: Parcel) -> None:
        """Raises RetriableError (it did not arrive) or SourceError (it may have, or never will)."""
        ...


class Folder:
    """Files below a folder, one folder a period."""

    key = "folder"

    def __init__(self, path: Path) -> None:
        self.path, self.title = path, f"the folder {path.name}"

    def deliver(self, parcel: Parcel) -> None:
        place = self.path / parcel.letter.document["period"]["name"]
        try:
            place.mkdir(parents=True, exist_ok=True)
            for name, body in parcel.files().items():
                beside = place / f".{name}.part"
                beside.write_bytes(body)
                beside.replace(place / name)
        except OSError as error:
            raise RetriableError(f"{place}: cannot be written: {error.strerror}; give Tierline the folder") from None


class ByMail:
    """A mail to some addresses: the first page, and the files."""

    def __init__(self, mailer: Mailer, to: Sequence[str], domain: str = "") -> None:
        self.mailer, self.to = mailer, to
        self.key = f"mail {domain}" if domain else "mail"
        self.title = f"{mailer.title}, {len(to)} {'address' if len(to) == 1 else 'addresses'}"

    def deliver(self, parcel: Parcel) -> None:
        letter = parcel.letter
        identity = f"{parcel.name}-{letter.document['hash'][:16]}"
        made = message(
            letter.subject, self.mailer.settings.sender, self.to, letters.text(letter), letters.html(letter),
            parcel.files(), parcel.at, identity,
        )  # fmt: skip
        self.mailer.send(made, self.to)


class Post:
    """A summary in a channel, with a link."""

    key = "post"

    def __init__(self, to: Receiver) -> None:
        self.to, self.title = to, to.title

    def deliver(self, parcel: Parcel) -> None:
        told = letters.brief(parcel.letter)
        lines = [told["title"], *told["lines"], *told["missed"], told["page"]]
        self.to.send("\n".join(lines), blocks(told))

    def announce(self, title: str, lines: Sequence[str], page: str) -> None:
        """A few lines that are no report: that the drafts are there."""
        told = {"title": title, "lines": lines, "missed": (), "foot": "", "page": page}
        self.to.send("\n".join([title, *lines, page]), blocks(told))


def blocks(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The message as Slack lays it out."""
    header = {"type": "header", "text": {"type": "plain_text", "text": told["title"][:149]}}
    parts = [section("\n".join(map(escaped, told[name]))) for name in ("lines", "missed") if told[name]]
    link = f"<{escaped(told['page'])}|open the reports>"
    foot = f"{escaped(told['foot'])} · {link}" if told["foot"] else link
    return [header, *parts, {"type": "context", "elements": [{"type": "mrkdwn", "text": foot}]}]


def slug(text: str) -> str:
    """A name as a part of a file's name."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")[:60] or "unnamed"


@dataclass(frozen=True)
class Ways:
    """The ways that the settings name. ``post`` is asked by itself for the announcement of drafts."""

    folder: Folder | None
    mailer: Mailer | None
    post: Post | None
    config: Config

    def of_report(self) -> list[Way]:
        to = self.config.settings.report.mail
        mail = [ByMail(self.mailer, to.to)] if self.mailer and to and to.to else []
        return [way for way in (self.folder, *mail, self.post) if way is not None]

    def of_draft(self, domain: str) -> list[Way]:
        """The folder, and the mail to those who speak for the domain."""
        to = self.config.settings.report.mail
        addresses = to.drafts.get(domain, ()) if to else ()
        mail = [ByMail(self.mailer, addresses, domain)] if self.mailer and addresses else []
        return [way for way in (_DraftFolder(self.folder, domain) if self.folder else None, *mail) if way is not None]


class _DraftFolder:
    """The same folder, remembered for one domain."""

    def __init__(self, folder: Folder, domain: str) -> None:
        self.folder, self.key, self.title = folder, f"folder {domain}", folder.title

    def deliver(self, parcel: Parcel) -> None:
        self.folder.deliver(parcel)


def ways(config: Config, open_receiver: Callable[[Any], Receiver] = receiver) -> Ways:
    """The ways out that the settings name."""
    settings = config.settings.report
    folder = None
    if settings.folder is not None:
        base = config.path.parent if config.path else Path()
        folder = Folder(base / settings.folder)
    mailer = Mailer(settings.mail) if settings.mail else None
    post = Post(open_receiver(settings.post)) if settings.post else None
    return Ways(folder, mailer, post, config)
