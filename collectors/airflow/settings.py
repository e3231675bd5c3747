"""Settings of the Airflow source."""

from __future__ import annotations

import re
from typing import Literal
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator

from collectors.base import SourceSettings


class AirflowSettings(SourceSettings):
    url: str = Field(description="The web server's address, with its path if it has one.")
    token: SecretStr | None = Field(default=None, description="A bearer token, where the server takes one as it is.")
    username: str | None = Field(
        default=None, description="User; Airflow 3 gives a token for it, Airflow 2 takes basic."
    )
    password: SecretStr | None = Field(default=None, description="Password of that user.")
    version: Literal[2, 3] | None = Field(default=None, description="Generation of Airflow; found out where not given.")
    dags: list[str] = Field(default=["*"], description="DAGs to read, as patterns of their ids.")
    exclude: list[str] = Field(default=[], description="DAGs to leave out, as patterns of their ids.")
    tasks: bool = Field(default=True, description="Read task instances: they tell tries and runs that only skipped.")
    critical_tasks: list[str] = Field(
        default=[], description="Tasks that decide, as patterns of `dag.task` (`orders_*.load`): a run in which one of "
        "them failed has failed, though Airflow calls it a success because its last task, a clean-up, ran."
    )  # fmt: skip
    datasets: bool = Field(
        default=True, description="Read assets (datasets): their events as dataset updates, what makes and reads them "
        "as lineage."
    )  # fmt: skip
    timezones: list[str] = Field(default=[], description="Zones your schedules are in, such as Europe/Berlin: Airflow "
                                 "tells its default zone for every DAG. The first that fits the next run counts; UTC "
                                 "is always tried.")  # fmt: skip
    tier_tag: str = Field(
        default=r"(?i)tier[ :=_-]?([0-3])", description="Tag that tells the tier, a pattern with one group."
    )
    team_tag: str = Field(
        default=r"(?i)team[ :=_-](.+)", description="Tag that tells the team, a pattern with one group."
    )
    domain_tag: str = Field(default=r"(?i)domain[ :=_-](.+)", description="Tag that tells the domain, likewise.")
    tier_tags: dict[str, Literal[0, 1, 2, 3]] = Field(default={}, description="Tags that stand for a tier: gold: 0.")

    @field_validator("tier_tag", "team_tag", "domain_tag")
    @classmethod
    def _one_group(cls, value: str) -> str:
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"not a pattern: {error}") from None
        if groups != 1:
            raise ValueError("expected a pattern with exactly one group, such as tier:([0-3])")
        return value

    @field_validator("timezones")
    @classmethod
    def _zones(cls, value: list[str]) -> list[str]:
        unknown = sorted(set(value) - available_timezones())
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a time zone; write one such as Europe/Berlin")
        return value

    @model_validator(mode="after")
    def _some_credential(self) -> AirflowSettings:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both, or a token")
        if (self.token is None) == (self.username is None):
            raise ValueError("give either a token, or username and password")
        if self.critical_tasks and not self.tasks:
            raise ValueError("critical_tasks are told by task instances: leave tasks at true")
        return self
