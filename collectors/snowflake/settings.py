"""What stands in tierline.yaml about a Snowflake account."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from collectors.base import SourceSettings
from collectors.mapping import zone
from collectors.spans import Span

PartName = Literal[
    "metering", "services", "storage", "sizes", "queries", "tables", "tags", "freshness", "writes", "tasks",
    "schedules", "lineage",
]  # fmt: skip
PARTS: tuple[PartName, ...] = get_args(PartName)
Price = Annotated[float, Field(ge=0)]
QUERY_TYPES = (
    "SELECT", "INSERT", "MERGE", "UPDATE", "DELETE", "CREATE_TABLE_AS_SELECT", "COPY", "UNLOAD", "MULTI_TABLE_INSERT",
)  # fmt: skip


class SnowflakeWorkload(BaseModel):
    """Queries that are looked at apart. ``*`` and ``?`` as in file names, whatever the case; all given must match."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, description="Its asset is <namespace>/<name>.")
    tag: str = Field(default="", description="Glob on the query tag, such as dbt*.")
    warehouse: str = Field(default="", description="Glob on the warehouse.")
    role: str = Field(default="", description="Glob on the role.")
    user: str = Field(default="", description="Glob on the user; no user's name is ever told.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="The workload's tier.")
    team: str | None = Field(default=None, description="The team it belongs to.")
    domain: str | None = Field(default=None, description="Its domain.")
    critical: bool | None = Field(default=None, description="Whether it is critical whatever its tier.")


class SnowflakeTags(BaseModel):
    """Which of Snowflake's tags says what of a table, its schema or its database (the nearest counts)."""

    model_config = ConfigDict(extra="forbid")

    tier: str | None = Field(default=None, description="Tag whose value is the tier: 0, tier-1, T2, or see tiers.")
    owner: str | None = Field(default=None, description="Tag whose value is the owner.")
    team: str | None = Field(default=None, description="Tag whose value is the team.")
    domain: str | None = Field(default=None, description="Tag whose value is the domain.")
    classification: str | None = Field(default=None, description="Tag whose value is the classification.")


class SnowflakeSettings(SourceSettings):
    url: str = Field(description="https://<organization>-<account>.snowflakecomputing.com", pattern="^https?://[^/]+")
    account: str | None = Field(default=None, description="Account identifier, where the URL does not begin with it.")
    token: SecretStr | None = Field(default=None, description="Programmatic access token (or OAuth token), as env:NAME "
                                    "or file:/path.")  # fmt: skip
    token_type: Literal["PROGRAMMATIC_ACCESS_TOKEN", "OAUTH"] = Field(
        default="PROGRAMMATIC_ACCESS_TOKEN", description="What the token is."
    )
    user: str | None = Field(default=None, description="User of the key pair.")
    private_key: SecretStr | None = Field(default=None, description="Private key of the key pair (PEM), as file:/path; "
                                          "needs the extra `tierline[snowflake]`.")  # fmt: skip
    passphrase: SecretStr | None = Field(default=None, description="Passphrase of that key, as env:NAME.")
    role: str | None = Field(default=None, description="Role to take, as SHOW ROLES writes it; the user's default.")
    warehouse: str | None = Field(default=None, description="Warehouse that runs our statements, as SHOW WAREHOUSES "
                                  "writes it; the user's default.")  # fmt: skip
    query_tag: str = Field(default="tierline", min_length=1, description="First part of our statements' QUERY_TAG.")
    timeout: Span = Field(default=timedelta(minutes=5), gt=timedelta(0), description="Longest time one of our "
                          "statements may run.")  # fmt: skip
    parts: list[PartName] = Field(default=[name for name in PARTS if name != "sizes"],
                                  description="What is read. sizes: bytes of every table, once a day. lineage: edges "
                                  "from ACCESS_HISTORY, where the edition has it (Enterprise).")  # fmt: skip
    credit_price: Price | dict[date, Price] | None = Field(
        default=None, description="Price of a credit, or prices by the day from which they hold. Without it no cost is "
        "told. Leave it out where a FOCUS bill already tells Snowflake's cost.",
    )  # fmt: skip
    storage_price: Price | dict[date, Price] | None = Field(
        default=None, description="Price of a terabyte (2^40 bytes) stored for a month, likewise."
    )
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$", description="Currency of these prices.")
    cost_period: Literal["day", "hour"] = Field(default="day", description="How finely warehouses' cost is kept.")
    group_by: Literal["warehouse", "tag", "role", "none"] = Field(
        default="warehouse", description="What a workload is, where none of those named below matches."
    )
    workloads: list[SnowflakeWorkload] = Field(default=[], description="Queries to look at apart: first match.")
    query_types: list[str] = Field(default=list(QUERY_TYPES), description="Types of statement that are queries.")
    databases: list[str] = Field(default=["*"], description="Globs of databases to take tables and tasks of.")
    tables: list[str] = Field(default=["*"], description="Globs of database.schema.table to take.")
    exclude: list[str] = Field(default=["snowflake.*", "snowflake_sample_data.*", "*.information_schema.*"],
                               description="Globs of database.schema.table to leave out.")  # fmt: skip
    freshness: dict[str, str] = Field(default={}, description="database.schema.table, or a glob of such names -> the "
                                      "column that says when a row was written.")  # fmt: skip
    zone: str = Field(default="UTC", description="Time zone of such columns that hold no zone.")
    writes: Literal["dml", "access", "last_altered"] = Field(
        default="dml", description="What says that a table without such a column changed. dml: TABLE_DML_HISTORY, to "
        "the hour. access: ACCESS_HISTORY, to five minutes (Enterprise Edition). last_altered: TABLES.LAST_ALTERED, "
        "which maintenance and DDL move too.",
    )  # fmt: skip
    tags: SnowflakeTags = Field(default_factory=SnowflakeTags, description="Which tag says tier, owner, team ...")
    tiers: dict[str, Literal[0, 1, 2, 3]] = Field(default={}, description="Value of the tier's tag -> tier.")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        zone(name)
        return name

    @model_validator(mode="after")
    def _one_way_in(self) -> SnowflakeSettings:
        keys = (self.user is not None, self.private_key is not None)
        if any(keys) if self.token is not None else not all(keys):
            raise ValueError("give either token, or user and private_key")
        return self

    @property
    def account_name(self) -> str:
        """The account identifier as URLs write it."""
        return (self.account or (urlsplit(self.url).hostname or "").removesuffix(".snowflakecomputing.com")).lower()
