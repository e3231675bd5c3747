"""What of tierline.yaml says who is told of changes, by which way, and of which."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from collectors.spans import Span
from tierline.settings.alerts import Tier
from tierline.settings.out import Channel, Mail

What = Literal["alerts", "changes", "digest"]


class Notify(Channel):
    """A receiver: Slack, mail, a webhook, or one of Apprise's services; and what it is told."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$",
        description="A name of yours. What the receiver was told is remembered under it: renamed, it begins anew.",
    )
    mail: Mail | None = Field(default=None, description="By mail, to the addresses in `to`.")
    webhook: SecretStr | None = Field(
        default=None, description="By POST to this URL, as `env:NOTIFY_URL`: JSON as docs/notifications.md has it."
    )
    authorization: SecretStr | None = Field(
        default=None, description="With a webhook: what its header Authorization says, as `env:NOTIFY_TOKEN`."
    )
    apprise: SecretStr | None = Field(
        default=None, description="By Apprise: a URL of one of its services (Teams, Telegram, ntfy ...), as `env:NAME`."
    )
    what: tuple[What, ...] = Field(
        default=("digest",),
        min_length=1,
        description="`digest`: the morning's; `alerts`: opened and resolved; `changes`: of budgets and of statuses.",
    )
    teams: tuple[str, ...] = Field(default=(), description="Only what these teams must act on; none: every team.")
    tiers: tuple[Tier, ...] = Field(
        default=(), description="Only what is of these tiers; what has no tier, as a source, is told too. None: all."
    )
    severity: Literal["ticket", "page"] = Field(default="ticket", description="Alerts from this severity on.")
    after: Span = Field(
        default=timedelta(minutes=5),
        description="A change is told once it has held for so long, and for two evaluations.",
    )
    page: str | None = Field(
        default=None, pattern=r"^https?://", description="Address under which people open the page; the digest's."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Notify:
        ways = [self.slack or self.slack_token, self.mail, self.webhook, self.apprise]
        if sum(way is not None for way in ways) != 1 or (self.slack is not None and self.slack_token is not None):
            raise ValueError("name one way: slack, slack_token with a channel, mail, webhook or apprise")
        if (self.slack_token is None) != (self.channel is None):
            raise ValueError("slack_token and channel belong together; a webhook has its channel already")
        if self.authorization is not None and self.webhook is None:
            raise ValueError("authorization belongs to a webhook; the other ways have credentials of their own")
        if self.mail is not None and (not self.mail.to or self.mail.drafts):
            raise ValueError("mail of a receiver needs addresses in `to`, and has no `drafts`")
        return self

    @model_validator(mode="after")
    def _within_a_day(self) -> Notify:
        if not timedelta(0) <= self.after <= timedelta(days=1):
            raise ValueError("after: expected a time from 0s to 1d, such as 5m")
        return self


def once_each(receivers: tuple[Notify, ...]) -> tuple[Notify, ...]:
    """The receivers. Raises ValueError where two have one name: they would share one memory."""
    names = [one.name for one in receivers]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two receivers are called {name!r}; give each a name of its own")
    return receivers
