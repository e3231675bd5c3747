"""Settings of the GitHub source: which repositories, and in two lines what a deployment is."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from collectors.base import SourceSettings
from collectors.mapping import PLACE
from collectors.patterns import Pattern

Alerts = Literal["dependabot", "code_scanning", "secret_scanning"]
_NAME = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class Deployed(BaseModel):
    """What a deployment is: exactly one of these."""

    model_config = ConfigDict(extra="forbid")

    environment: str | None = Field(None, description="A deployment to this environment of GitHub (production); its "
                                    "first `success` counts.")  # fmt: skip
    workflow: str | None = Field(None, description="A completed run of this workflow (deploy.yml).")
    merge: str | None = Field(None, description="A pull request merged to this branch (main).")
    branch: str | None = Field(None, description="With workflow: only runs on this branch.")

    @model_validator(mode="after")
    def _one(self) -> Deployed:
        if sum(word is not None for word in (self.environment, self.workflow, self.merge)) != 1:
            raise ValueError("name exactly one of environment, workflow, merge")
        if self.branch and not self.workflow:
            raise ValueError("branch goes with workflow")
        return self


class Owned(BaseModel):
    """Files that are assets: their owner in CODEOWNERS becomes the asset's."""

    model_config = ConfigDict(extra="forbid")

    files: str = Field(description="Glob of the files (dags/*.py, models/**/*.sql).")
    asset: str = Field(description="The asset's full name, with {stem}, {folder} (the last one) or {path} "
                       "(airflow-prod/{stem}).")  # fmt: skip

    @field_validator("asset")
    @classmethod
    def _known_places(cls, value: str) -> str:
        unknown = sorted(set(PLACE.findall(value)) - {"stem", "folder", "path"})
        if unknown:
            raise ValueError(f"{{{unknown[0]}}} is not known of a file; write {{stem}}, {{folder}} or {{path}}")
        return value

    def named(self, path: str) -> str:
        """The asset of a file."""
        file = PurePosixPath(path)
        return self.asset.format(stem=file.stem, folder=file.parent.name, path=path)


class Repository(BaseModel):
    """One repository, where it differs from the rest."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="owner/name.")
    deployments: Deployed | None = Field(None, description="What a deployment is here.")
    branch: str | None = Field(None, description="The main line; the repository's default branch.")
    asset: str | None = Field(None, description="The asset that is deployed from here, by its full name.")
    team: str | None = Field(None, description="The team whose changes these are; else CODEOWNERS says it.")
    owned: list[Owned] = Field([], description="Files that are assets.")

    @field_validator("name")
    @classmethod
    def _whole_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError(f"{value!r}: write owner/name, such as acme/dbt")
        return value


class GithubSettings(SourceSettings):
    url: str = Field("https://api.github.com", description="The API's address; of a GitHub Enterprise Server "
                     "https://HOST/api/v3.")  # fmt: skip
    token: SecretStr | None = Field(None, description="A fine-grained or classic personal access token.")
    app_id: str | None = Field(None, description="Or a GitHub App: its id (needs the extra `github-app`),")
    installation_id: int | None = Field(None, description="the id of its installation,")
    private_key: SecretStr | None = Field(None, description="and its private key (PEM), as file:/path.")
    repositories: list[str | Repository] = Field(min_length=1, description="owner/name, or more about one of them.")
    deployments: Deployed | None = Field(None, description="What a deployment is: {environment: production}, "
                                         "{workflow: deploy.yml} or {merge: main}; nothing, if left out.")  # fmt: skip
    pull_requests: bool = Field(True, description="Tell pull requests merged to the main line.")
    size_labels: dict[str, float] = Field({}, description="Label -> what a pull request with it weighs; goes first.")
    size_lines: dict[int, float] = Field({}, description="Lines changed at most -> what a pull request weighs; above "
                                         "all of them the last. Without either each weighs 1.")  # fmt: skip
    hotfix_label: str | None = Field("hotfix", description="Label of a pull request that fixes the deployment before.")
    hotfix_pattern: Pattern | None = Field(r"(?i)\bhotfix\b", description="Or this in a commit's subject.")
    hotfix_hours: float = Field(24, gt=0, description="How long after a deployment a hotfix is held against it.")
    look_back_days: int = Field(30, ge=1, description="How far back each pass reads again, and how long a revert is "
                                "held against a deployment. GitHub lets a run be re-run for 30 days.")  # fmt: skip
    codeowners: bool = Field(True, description="Read CODEOWNERS: which team a change or file is of.")
    teams: dict[str, str] = Field({}, description="GitHub's team (slug) -> what it is called here.")
    team: str | None = Field(None, description="The team of all these repositories; goes before CODEOWNERS.")
    findings: list[Alerts] = Field([], description="Security alerts to tell as findings: dependabot, code_scanning, "
                                   "secret_scanning.")  # fmt: skip
    finding_days: dict[Literal["critical", "high", "medium", "low"], float] = Field(
        {}, description="Severity -> days within which a finding is due."
    )
    webhook_secret: SecretStr | None = Field(None, description="Secret of the webhook at /hooks/<name>/events.")

    @model_validator(mode="after")
    def _one_way_in(self) -> GithubSettings:
        app = (self.app_id, self.installation_id, self.private_key)
        if any(app) and not all(app):
            raise ValueError("app_id, installation_id and private_key belong together: give all three")
        if (self.token is None) == (self.app_id is None):
            raise ValueError("give either a token, or a GitHub App's app_id, installation_id and private_key")
        names = [one.name.casefold() for one in self.each]
        if len(set(names)) < len(names):
            raise ValueError("repositories: one of them stands there twice")
        return self

    @property
    def each(self) -> list[Repository]:
        """Every repository with what holds for all filled in."""
        named = [Repository.model_validate({"name": one}) if isinstance(one, str) else one for one in self.repositories]
        return [
            one.model_copy(update={"deployments": one.deployments or self.deployments, "team": one.team or self.team})
            for one in named
        ]
