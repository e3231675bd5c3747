"""Settings of the dbt source: where its artifacts are, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

from collectors.base import SourceSettings

CheckType = Literal["schema", "null", "range", "reconciliation", "freshness", "volume", "custom"]


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


class Cloud(BaseModel):
    """dbt Cloud, read by its Admin API."""

    model_config = ConfigDict(extra="forbid")

    host: str = Field("https://cloud.getdbt.com", description="Your access URL, such as https://ab123.us1.dbt.com.")
    account_id: int = Field(description="The number behind /accounts/ or /deploy/ in dbt Cloud's addresses.")
    token: SecretStr = Field(description="A service token with the permission set Read-Only.")
    environment_ids: list[int] = Field(
        default=[], description="Deployment environments to read, by number; all where empty. Jobs on pull requests "
        "(CI) are never read."
    )  # fmt: skip

    @field_validator("host")
    @classmethod
    def _whole(cls, value: str) -> str:
        return value.rstrip("/") if "://" in value else f"https://{value.rstrip('/')}"


class Folder(BaseModel):
    """What holds for the models in a folder, where the models themselves don't say otherwise."""

    model_config = ConfigDict(extra="forbid")

    layer: str | None = Field(default=None, description="raw, staging, curated, mart, serving ...")
    team: str | None = Field(default=None, description="The team whose numbers they count in.")
    domain: str | None = Field(default=None, description="The business domain.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="How critical they are.")


class DbtSettings(SourceSettings):
    path: Annotated[str, BeforeValidator(_text)] | None = Field(
        None, description="dbt's target folder, or a folder holding copies of it at any depth; also in object storage: "
        "`s3://bucket/dbt`, `gs://bucket/dbt`, `abfs://container/dbt`. Files may be gzipped."
    )  # fmt: skip
    storage: dict[str, str] = Field(
        default={}, description="Options of the object storage's fsspec library, such as `endpoint_url`; usually the "
        "machine's own identity is enough."
    )  # fmt: skip
    storage_secrets: dict[str, SecretStr] = Field(
        default={}, description="Likewise those that are secret, such as `key` and `secret` of S3: `env:NAME` each."
    )
    cloud: Cloud | None = Field(
        None, description="dbt Cloud, in place of path: its `host`, `account_id`, `token` (`env:NAME`), and "
        "`environment_ids` where there is more than production."
    )  # fmt: skip
    runs: Literal["invocations", "nodes", "none"] = Field(
        "invocations",
        description="What counts as a run: each dbt command that builds (default; of dbt Cloud each run of a job), "
        "each model, seed and snapshot of it, or nothing (an orchestrator that is collected too already tells these "
        "runs).",
    )
    trigger: Literal["schedule", "event", "manual", "backfill"] = Field(
        "event", description="What starts dbt here; the artifacts don't say. Manual and backfill runs are not judged."
    )
    freshness: Literal["error", "warn", "none"] = Field(
        "error", description="Which of a source's freshness limits is the dataset's threshold (the other stands in)."
    )
    folders: dict[str, Folder] = Field(
        default={}, description="Folder below `models` -> layer, team, domain, tier of its models: "
        "`marts/finance: {team: finance-data}`. The longest that fits wins, field by field."
    )  # fmt: skip
    docs_url: str | None = Field(None, description="Address of the dbt docs site, for links.")
    case: Literal["as_is", "lower", "upper"] = Field(
        "as_is", description="Spelling of relation names, where the warehouse's collector spells them otherwise."
    )
    check_types: dict[str, CheckType] = Field(
        default_factory=dict, description="Generic test name -> check type, for your own tests."
    )

    @model_validator(mode="after")
    def _one_place(self) -> DbtSettings:
        if (self.path is None) == (self.cloud is None):
            raise ValueError("give either path (a folder or an object storage's address) or cloud (dbt Cloud)")
        return self
