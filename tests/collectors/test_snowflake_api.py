"""Snowflake's SQL API as a protocol: cells, statements that run on or fail, partitions, and the two ways in."""

from __future__ import annotations

import base64
import hashlib
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from collectors.base import Period
from collectors.patience import Garbled, hurried
from collectors.snowflake.api import SqlApi, StatementFailed, cell
from collectors.snowflake.keys import signed
from collectors.snowflake.sql import Statement
from collectors.sources.snowflake import Snowflake
from slo.errors import PermissionMissing, SourceError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DENIED = {"code": "002003", "sqlState": "02000", "statementHandle": "h", "message": "SQL compilation error:\nObject "
          "'SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY' does not exist or not authorized."}  # fmt: skip


def result(handle: str, columns: list[str], rows: list[list[str | None]], **more: Any) -> dict[str, Any]:
    told = [{"name": name.upper(), "type": "text"} for name in columns]
    return {"resultSetMetaData": {"rowType": told, "partitionInfo": [{"rowCount": len(rows)}], **more}, "data": rows,
            "code": "090001", "statementHandle": handle}  # fmt: skip


def settings(**given: Any) -> Any:
    return Snowflake.Settings.model_validate(
        {"url": "https://acme.snowflakecomputing.com", "token": "canary-token", "role": "TIERLINE", **given}
    )


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("fixed", "42", 42), ("real", "0.5", Decimal("0.5")), ("text", "a", "a"), ("boolean", "true", True),
        ("date", "18262", date(2020, 1, 1)), ("text", None, None),
        ("timestamp_ltz", "1600000000.123456000", datetime(2020, 9, 13, 12, 26, 40, 123456, UTC)),
        ("timestamp_tz", "1616173619.000000000 960", datetime(2021, 3, 19, 17, 6, 59, tzinfo=UTC)),
        ("timestamp_tz", "1616173619000000000 960", datetime(2021, 3, 19, 17, 6, 59, tzinfo=UTC)),
        ("timestamp_ntz", "-1.500000000", datetime(1969, 12, 31, 23, 59, 58, 500000, UTC)),
    ],
)  # fmt: skip
def test_a_cell_is_text_that_its_column_explains(kind: str, text: str | None, value: Any) -> None:
    assert cell(text, {"type": kind, "scale": 0}) == value


def test_a_number_with_a_scale_stays_exact() -> None:
    assert cell("0.100000000", {"type": "fixed", "scale": 9}) * 3 == Decimal("0.3")


class Script:
    """Answers one after the other; the last one again and again."""

    base = "https://acme.snowflakecomputing.com/"

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), []  # type: ignore[var-annotated]

    def post(self, path: str, body: Any) -> Any:
        return self.get(path, body)

    def get(self, path: str, params: Any = None) -> Any:
        self.asked.append((path, params))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


ONE = Statement("SELECT 1 AS a", ("a",))
RUNS_ON = {"code": "333334", "statementHandle": "h", "message": "in progress"}


def rows(*answers: Any, **given: Any) -> tuple[Any, Script]:
    script = Script(*answers)
    with hurried(lambda _: None):
        return SqlApi(script, settings(**given)).rows("metering", ONE), script  # type: ignore[arg-type]


def test_a_statement_names_its_tag_zone_limit_role_and_warehouse() -> None:
    _, script = rows(result("h", ["a"], [["1"]]), warehouse="WH", timeout="90s", query_tag="ours")
    assert script.asked == [("/api/v2/statements", {
        "statement": "SELECT 1 AS a", "timeout": 90, "role": "TIERLINE", "warehouse": "WH",
        "parameters": {"TIMEZONE": "UTC", "QUERY_TAG": "ours/metering"},
    })]  # fmt: skip


def test_a_statement_that_still_runs_is_asked_for_until_it_is_done() -> None:
    found, script = rows(RUNS_ON, RUNS_ON, result("h", ["a"], [["1"]]))
    assert found == [{"a": "1"}]
    assert [path for path, _ in script.asked[1:]] == ["/api/v2/statements/h"] * 2


def test_one_that_runs_on_past_its_limit_is_cancelled() -> None:
    with pytest.raises(StatementFailed, match=r"still ran after \d+ s and was cancelled; raise timeout"):
        rows(RUNS_ON, timeout="5s")


def test_every_partition_is_read() -> None:
    first = result("h", ["a"], [["1"]], partitionInfo=[{"rowCount": 1}, {"rowCount": 2}, {"rowCount": 1}])
    found, script = rows(first, {"data": [["2"], ["3"]]}, {"data": [["4"]]})
    assert [row["a"] for row in found] == ["1", "2", "3", "4"]
    assert [params for _, params in script.asked[1:]] == [{"partition": "1"}, {"partition": "2"}]


@pytest.mark.parametrize(
    "second", [{"data": [["2"]]}, {"message": "gone"}, result("h", ["a"], [["1"], ["2"]])],
    ids=["too short", "no data", "the first once more"],
)  # fmt: skip
def test_a_partition_that_is_not_the_one_announced_is_refused(second: Any) -> None:
    first = result("h", ["a"], [["1"], ["2"]], partitionInfo=[{"rowCount": 2}, {"rowCount": 2}])
    with pytest.raises(Garbled, match="partition 1 of a result is not the one that was announced"):
        rows(first, second)


def test_an_answer_to_another_statement_is_refused() -> None:
    with pytest.raises(Garbled, match="the answer to metering has the columns b in place of a"):
        rows(result("h", ["b"], [["1"]]))


@pytest.mark.parametrize(
    ("body", "message", "denied"),
    [
        (DENIED, r"Object .* does not exist or not authorized\. \(code 002003\)$", True),
        ({"code": "000606", "message": "No active warehouse selected."}, "GRANT USAGE ON WAREHOUSE", False),
        ({"code": "000630", "message": "Statement reached its timeout of 300 second(s)"}, "000630", False),
    ],
)
def test_a_statement_that_failed_says_why(body: Any, message: str, denied: bool) -> None:
    with pytest.raises(StatementFailed, match=message) as caught:
        rows(body)
    assert caught.value.denied is denied
    assert "\n" not in str(caught.value)


def key_pair() -> tuple[str, Any, str]:
    """PEM, public key, and the fingerprint as DESCRIBE USER shows it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem, key.public_key(), "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def test_a_key_pair_signs_a_token_and_a_new_one_when_it_has_expired(recorded: Any) -> None:
    pem, public, fingerprint = key_pair()
    moments = iter([NOW, NOW + timedelta(hours=2)])
    good = result("h", ["readable"], [["1"]])
    answers = iter([(401, {"code": "390144", "message": "JWT token is invalid."}), good])
    recorded.answers = {"/api/v2/statements": lambda query: next(answers)}
    given = settings(token=None, user="bot", private_key=pem, account="myorg-acme.eu-west-1")
    one = Snowflake("snow", given, lambda: next(moments))
    assert one._api().rows("metering", Statement("SELECT 1", ("readable",))) == [{"readable": "1"}]
    headers = [asked[2] for asked in recorded.asked]
    assert {header["X-Snowflake-Authorization-Token-Type"] for header in headers} == {"KEYPAIR_JWT"}
    claims = [jwt.decode(header["Authorization"].split()[1], public, ["RS256"], options={"verify_exp": False,
              "verify_iat": False}) for header in headers]  # fmt: skip
    began = int(NOW.timestamp())
    assert claims[0] == {"iss": f"MYORG-ACME.BOT.{fingerprint}", "sub": "MYORG-ACME.BOT", "iat": began,
                         "exp": began + 59 * 60}  # fmt: skip
    assert claims[1]["iat"] == began + 2 * 3600


def test_a_key_with_its_passphrase() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    hidden = serialization.BestAvailableEncryption(b"canary-phrase")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()
    given = settings(token=None, user="bot", private_key=pem, passphrase="canary-phrase")
    unchecked = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(signed(given, NOW), key.public_key(), ["RS256"], options=unchecked)["sub"] == "ACME.BOT"
    with pytest.raises(SourceError, match="and its passphrase where it has one"):
        signed(settings(token=None, user="bot", private_key=pem), NOW)


def test_a_key_pair_without_its_libraries_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(SourceError, match=r"pip install 'tierline\[snowflake\]'"):
        signed(settings(token=None, user="bot", private_key="canary-key"), NOW)


def test_a_token_that_is_refused_names_the_network_policy(recorded: Any) -> None:
    recorded.answers = {"/api/v2/statements": (401, {"code": "390303", "message": "Invalid OAuth access token."})}
    with pytest.raises(PermissionMissing, match="network policy") as caught:
        list(Snowflake("snow", settings(), lambda: NOW).fetch(Period(NOW - timedelta(days=1), NOW, latest=True)))
    assert "canary-token" not in str(caught.value)
    assert recorded.asked[0][2]["X-Snowflake-Authorization-Token-Type"] == "PROGRAMMATIC_ACCESS_TOKEN"


def test_a_key_that_cannot_be_read_shows_nothing_of_itself() -> None:
    one = Snowflake("snow", settings(token=None, user="bot", private_key="canary-not-a-key"), lambda: NOW)
    assert one.check()[0].remedy.startswith("private_key: it cannot be read; give a PEM file")
    with pytest.raises(SourceError) as caught:
        one._api()
    assert "canary" not in str(caught.value)
