"""What of tierline.yaml says where messages go and when: the digest of a day, the report of a period."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from tierline.settings.model import Model

Period = Literal["week", "month", "quarter"]
Form = Literal["html", "pdf", "xlsx", "json"]

_ADDRESS = re.compile(r"[^\s@<>,;:\"\x00-\x1f]+@[^\s@<>,;:\"\x00-\x1f]+")


def address(value: str) -> str:
    """A bare mail address. Raises ValueError for anything else: a name or a line break would go into a header."""
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is no mail address; write one as platform@example.com, without a name")
    return value


Address = Annotated[str, AfterValidator(address)]


class Channel(Model):
    """A channel of Slack, by an incoming webhook or by a bot's token."""

    slack: SecretStr | None = Field(
        default=None, description="Slack's incoming webhook of the channel, as `env:SLACK_WEBHOOK_URL`."
    )
    slack_token: SecretStr | None = Field(
        default=None, description="Instead of it: a bot token with the scope chat:write, as `env:SLACK_TOKEN`."
    )
    channel: str | None = Field(default=None, description="With a token: the channel's id (or name); invite the bot.")

    @model_validator(mode="after")
    def _one_way(self) -> Channel:
        self._of_one_way()
        return self

    def _of_one_way(self) -> None:
        if (self.slack is None) == (self.slack_token is None):
            raise ValueError("say either slack (an incoming webhook) or slack_token with a channel")
        if (self.slack_token is None) != (self.channel is None):
            raise ValueError("slack_token and channel belong together; a webhook has its channel already")


class Digest(Channel):
    """What needs attention, told once a day in a channel of Slack, and to the receivers of `notify` that ask for it."""

    at: time = Field(default=time(8, 30), description="When it is sent, as `08:30`, in the platform's zone.")
    days: Literal["business", "daily"] = Field(default="business", description="On business days, or every day.")
    page: str | None = Field(
        default=None, pattern=r"^https?://", description="Address under which people open the page; the web listener's."
    )

    @property
    def named(self) -> bool:
        """Whether it names a channel itself."""
        return self.slack is not None or self.slack_token is not None

    @model_validator(mode="after")
    def _one_way(self) -> Digest:
        if self.named or self.channel is not None:
            self._of_one_way()
        return self


class Mail(Model):
    """A mail server that takes the report, and who gets it."""

    host: str = Field(description="The server, as `smtp.example.com`.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="`tls`: encrypted from the first byte (port 465); `none`: for a relay without credentials.",
    )
    user: str | None = Field(default=None, description="The account, where the server asks for one.")
    password: SecretStr | None = Field(default=None, description="Its password, as `env:SMTP_PASSWORD`.")
    sender: Address = Field(description="The address it comes from.")
    to: tuple[Address, ...] = Field(default=(), description="Who gets the report on the reporting day.")
    drafts: dict[str, tuple[Address, ...]] = Field(
        default={}, description="Domain -> who gets its draft, and may dispute it."
    )

    @model_validator(mode="after")
    def _whole(self) -> Mail:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together; a relay that asks for none has neither")
        if self.user is not None and self.security == "none":
            raise ValueError("a password would be sent in clear; write `security: starttls` or `tls`")
        if not self.to and not self.drafts:
            raise ValueError("nobody would get anything; name addresses in `to` or in `drafts`")
        return self


class Report(Model):
    """When a period is closed and reported, and where the report goes."""

    automatic: bool = Field(
        default=True,
        description="`tierline serve` sends the drafts, and closes and reports the period on its day. `false`: only "
        "`tierline close` and `tierline report --send` do.",
    )
    reporting_day: int = Field(
        default=5, ge=1, le=20, description="The working day after a period's end on which it is closed and reported."
    )
    dispute_days: int = Field(
        default=3,
        ge=0,
        description="So many working days before it each domain gets its draft, and may dispute it. 0: no drafts.",
    )
    at: time = Field(default=time(8), description="When, on these days, as `08:00`, in the platform's zone.")
    calendar: Literal["business", "daily"] = Field(
        default="business", description="Working days: Monday to Friday without `holidays`, or every day."
    )
    periods: tuple[Period, ...] = Field(default=("month",), min_length=1, description="What is closed and reported.")
    folder: str | None = Field(
        default=None, description="The folder into which it is written, beside this file, one below for each period."
    )
    formats: tuple[Form, ...] = Field(
        default=("html", "pdf"), min_length=1, description="What is written, and attached to the mail."
    )
    mail: Mail | None = Field(default=None, description="By mail. None where it is absent.")
    post: Channel | None = Field(default=None, description="As a summary in a channel of Slack. None where absent.")
    page: str | None = Field(
        default=None, pattern=r"^https?://", description="Address under which people open the page; the digest's."
    )

    @model_validator(mode="after")
    def _after_the_end(self) -> Report:
        if self.dispute_days >= self.reporting_day:
            raise ValueError(
                f"dispute_days {self.dispute_days}: the drafts would be due before the period has ended; "
                f"at most {self.reporting_day - 1} with reporting_day {self.reporting_day}"
            )
        return self
