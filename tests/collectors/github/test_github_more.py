"""Pull requests, owners, security alerts, the way in and the check of the GitHub source."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Period, Raw
from collectors.github.auth import app_jwt
from collectors.github.changes import pull_of, weight
from collectors.github.settings import GithubSettings
from collectors.runner import Runner
from collectors.secrets import starred
from slo.errors import FactError, PermissionMissing, RetriableError
from slo.interchange import parse
from slo.store import Store
from tests.collectors.github.github_hub import ALL, NOW, REPO, TOKEN, Hub, day, pull, source, story, told


def test_pull_requests_weigh_by_label_else_by_lines(hub: Hub) -> None:
    labels, lines = {"size/L": 5.0, "size/S": 1.0}, {10: 1.0, 100: 2.0}
    cases = {(): 2.0, ("size/S",): 1.0, ("size/S", "size/L"): 5.0, ("bug",): 2.0}
    for names, expected in cases.items():
        assert weight(pull_of(pull(1, "x", day(1), "a", labels=names, lines=11)), labels, lines) == expected
    told_lines = {0: 1.0, 10: 1.0, 11: 2.0, 100: 2.0, 101: 2.0}
    assert {n: weight(pull_of(pull(1, "x", day(1), "a", lines=n)), {}, lines) for n in told_lines} == told_lines
    assert weight(pull_of(pull(1, "x", day(1), "a", lines=5)), {}, {}) is None


def test_a_change_is_of_the_team_that_owns_most_of_its_files(hub: Hub) -> None:
    hub.codeowners = "* @acme/platform\n/finance/ @acme/finance-data @pat-person\n/mine/ @pat-person"
    hub.pulls = [
        pull(3, "c", day(3), "3" * 40, files=["finance/a.sql", "finance/b.sql", "x.py"]),
        pull(2, "b", day(2), "2" * 40, files=["mine/a.sql"]),
        pull(1, "a", day(1), "1" * 40),
    ]
    github = source(teams={"platform": "core-data"})
    github.memory["codeowners"] = {"acme/gone": {"path": "CODEOWNERS", "rules": []}}  # read by an earlier pass
    assert [(fact.id[-1], fact.team) for fact in told(github)] == [
        ("3", "finance-data"), ("2", "core-data"), ("1", "core-data")]  # fmt: skip
    assert github.memory["codeowners"] == {
        REPO: {"path": ".github/CODEOWNERS", "rules": [["*", "core-data", 1], ["/finance/", "finance-data", 2],
                                                      ["/mine/", None, 3]]}}  # fmt: skip


def test_files_that_are_assets_get_the_owner_of_their_path(hub: Hub) -> None:
    hub.codeowners = "/dags/ @acme/core\n/dags/free.py"
    paths = ["dags/load.py", "dags/free.py", "README.md", "dags/deep/no.py"]
    tree = [{"path": path, "type": "blob"} for path in paths] + [{"path": "dags", "type": "tree"}]
    hub.rest[f"/repos/{REPO}/git/trees/main"] = {"tree": tree, "truncated": False}
    owned = {"name": REPO, "owned": [{"files": "dags/*.py", "asset": "airflow-prod/{stem}"}]}
    github = source(repositories=[owned], pull_requests=False)
    assert [(fact.asset, fact.owner, fact.team) for fact in told(github)] == [("airflow-prod/load", "core", "core")]
    hub.codeowners = ""  # it lost its owner: told once more, without
    assert [(fact.asset, fact.owner) for fact in told(github)] == [("airflow-prod/load", None)]
    hub.rest[f"/repos/{REPO}/git/trees/main"] = {"tree": [], "truncated": True}
    with pytest.raises(FactError, match="too many files"):
        told(github)


ADVISORY = {"severity": "high", "summary": "Prototype pollution"}
ALERTS = {
    "dependabot": [
        {"number": 2, "state": "open", "created_at": day(2), "updated_at": day(2), "security_advisory": ADVISORY},
        {"number": 1, "state": "fixed", "created_at": day(1), "updated_at": day(2), "fixed_at": day(2),
         "security_advisory": ADVISORY},
    ],
    "code-scanning": [
        {"number": 1, "state": "dismissed", "created_at": day(1), "updated_at": day(4), "dismissed_at": day(4),
         "dismissed_reason": "won't fix", "rule": {"severity": "error", "description": "SQL injection"}},
        {"number": 2, "state": "dismissed", "created_at": day(1), "updated_at": day(4), "dismissed_at": day(4),
         "dismissed_reason": "false positive", "rule": {"security_severity_level": "medium", "id": "py/x"}},
    ],
    "secret-scanning": [
        {"number": 1, "state": "resolved", "created_at": day(1), "updated_at": day(5), "resolved_at": day(5),
         "resolution": "revoked", "secret": "canary-secret", "secret_type": "aws"},
    ],
}  # fmt: skip


def test_security_alerts_are_findings_without_what_they_found(hub: Hub) -> None:
    hub.rest = {f"/repos/{REPO}/{part}/alerts": alerts for part, alerts in ALERTS.items()}
    kinds = ["dependabot", "code_scanning", "secret_scanning"]
    github = source(findings=kinds, finding_days={"high": 7}, pull_requests=False, team="core")
    raws = [raw for raw in github.fetch(ALL) if isinstance(raw, Raw)]
    assert "canary" not in repr(raws)
    facts = [parse({**record, "source": "github"}) for raw in raws for record in github.parse(raw)]
    assert [
        (fact.id.removeprefix(f"{REPO}/"), fact.title, fact.severity, fact.outcome, fact.due_at and fact.due_at.day)
        for fact in facts
    ] == [
        ("dependabot/2", "Prototype pollution", "high", None, 9),
        ("dependabot/1", "Prototype pollution", "high", "done", 8),
        ("code_scanning/1", "SQL injection", "high", "refused", 8),
        ("code_scanning/2", "py/x", "medium", "withdrawn", None),
        ("secret_scanning/1", "aws", "critical", "done", None),
    ]
    assert [fact.closed_at and fact.closed_at.day for fact in facts] == [None, 2, 4, 4, 5]
    assert {query.get("hide_secret") for path, query, _ in hub.asked if "secret-scanning" in path} == {"true"}
    late = Period(NOW - timedelta(days=18), NOW, incremental=True, latest=True)  # from the 3rd, 12:00 on
    assert [fact.id.removeprefix(f"{REPO}/") for fact in told(github, late)] == [
        "code_scanning/1", "code_scanning/2", "secret_scanning/1"]  # fmt: skip


def test_alerts_that_may_not_be_seen_stop_no_deployment_and_are_read_once_they_may(hub: Hub, tmp_path: Path) -> None:
    story(hub)
    place = f"/repos/{REPO}/dependabot/alerts"
    hub.rest[place] = (403, {"message": "Dependabot alerts are disabled for this repository."})
    github = source(deployments={"environment": "production"}, findings=["dependabot"], history_days=60)
    with Store(f"sqlite:///{tmp_path / 'tierline.db'}") as store:
        store.migrate()
        record = Runner(store, [github], lambda: NOW).collect(github)
        assert (record.ok, record.set_aside) == (True, 2)  # the newest day, and the history before it
        (reason,) = record.unseen
        assert "dependabot/alerts" in reason and "are disabled for this repository" in reason
        assert store.counts()["change"] == 3
        assert [coverage.kinds for coverage in store.read("coverage")] == [["change"]]
        hub.rest[place] = ALERTS["dependabot"]  # of the 1st and 2nd: long before the overlap of the next pass
        again = Runner(store, [github], lambda: NOW + timedelta(hours=1)).collect(github)
        assert (again.ok, again.set_aside, store.counts()["work_item"]) == (True, 0, 2)
        assert [coverage.kinds for coverage in store.read("coverage")] == [["change", "work_item"]]


def test_a_repository_that_may_not_be_seen_stops_no_other(hub: Hub) -> None:
    story(hub)
    github = source(repositories=["acme/secret", REPO], deployments={"environment": "production"})
    hub.hidden = "secret"
    raws = [raw for raw in github.fetch(ALL) if isinstance(raw, Raw)]
    assert [raw.kind for raw in raws] == ["problem", "deployment", "deployment", "deployment"]
    assert raws[0].data.startswith("https://api.github.com/graphql: acme/secret is not to be seen. Give the token")
    assert (github.memory["missed"], github.tells) == ({"acme/secret": "2026-09-22T12:00:00+00:00"}, {})


def test_findings_that_have_lain_open_since_long_ago_are_read_at_first(hub: Hub) -> None:
    hub.rest[f"/repos/{REPO}/dependabot/alerts"] = [
        {"number": 9, "state": "open", "created_at": "2026-02-01T10:00:00Z", "updated_at": "2026-02-01T10:00:00Z"}
    ]
    github = source(findings=["dependabot"], pull_requests=False)
    assert [fact.id for fact in told(github)] == [f"{REPO}/dependabot/9"]
    assert {query.get("state") for path, query, _ in hub.asked if "dependabot" in path} == {None, "open"}
    assert told(github, Period(NOW - timedelta(days=1), NOW, incremental=True, latest=True)) == []


def test_nobodys_name_leaves_the_fetch(hub: Hub) -> None:
    story(hub)
    hub.codeowners = "* @pat-person\n"
    hub.pulls = [pull(7, "Faster", day(3, 9), "2" * 40, body="thanks to @pat-person")]
    github = source(deployments={"environment": "production"})
    raws = [raw for raw in github.fetch(ALL) if isinstance(raw, Raw)]
    facts = [record for raw in raws for record in github.parse(raw)]
    assert len(facts) == 4
    assert not any(word in repr(facts) + repr(github.memory) for word in ("pat-person", "Pat Person", "pat@"))


def test_errors_say_what_to_do(hub: Hub) -> None:
    hub.errors = [{"type": "NOT_FOUND", "message": "Could not resolve to a Repository with the name 'acme/dbt'."}]
    with pytest.raises(PermissionMissing, match=r"acme/dbt\): Could not resolve .* Grant the token this repository"):
        told(source())
    hub.errors = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]
    with pytest.raises(RetriableError, match="API rate limit exceeded"):
        told(source())
    hub.errors = [{"message": "Something went wrong while executing your query."}]
    with pytest.raises(RetriableError, match="Something went wrong"):
        told(source())


def test_check_names_the_right_that_is_missing(hub: Hub) -> None:
    hub.rest[f"/repos/{REPO}/dependabot/alerts"] = (403, {"message": "Resource not accessible"})
    found = source(deployments={"environment": "production"}, findings=["dependabot"]).check()
    assert [(one.ok, one.what.split(":")[1].strip()) for one in found] == [
        (True, "the repository and its CODEOWNERS"), (True, "commits"), (True, "pull requests"), (True, "deployments"),
        (False, "dependabot alerts"),
    ]  # fmt: skip
    assert found[-1].remedy == "Grant `Dependabot alerts: read-only` on this repository"
    assert TOKEN not in repr(found)
    hub.errors = [{"type": "NOT_FOUND", "message": "Could not resolve."}]
    (unseen,) = source(deployments={"environment": "production"}).check()
    assert not unseen.ok and unseen.remedy == "Grant `Metadata, Contents: read-only` on this repository"


def test_what_github_calls_not_found_may_be_a_right_that_is_missing(hub: Hub) -> None:
    with pytest.raises(FactError, match=r"acme/dbt: dependabot alerts \(take dependabot out of findings"):
        told(source(findings=["dependabot"]))
    with pytest.raises(PermissionMissing, match=r"runs of the workflow 'other\.yml': not there, or not to be seen"):
        told(source(deployments={"workflow": "other.yml"}))


def test_an_app_signs_with_its_key_and_gets_a_token_that_lives_an_hour(hub: Hub) -> None:
    jwt = pytest.importorskip("jwt")
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    serialization = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                            serialization.NoEncryption()).decode()  # fmt: skip
    app = {"token": None, "app_id": "12", "installation_id": 34, "private_key": pem}
    settings = source(**app).settings
    claims = jwt.decode(app_jwt(settings, NOW), key.public_key(), algorithms=["RS256"], options={
        "verify_exp": False, "verify_iat": False})  # fmt: skip
    assert claims == {"iat": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 540, "iss": "12"}
    hub.tokens, hub.expired = ["ghs_first", "ghs_second"], "ghs_first"
    assert told(source(**app)) == []
    signed = [
        headers["Authorization"] for path, _, headers in hub.asked if path == "/app/installations/34/access_tokens"
    ]
    assert len(signed) == 2 and all(word.startswith("Bearer ey") for word in signed)
    assert [headers["Authorization"] for path, _, headers in hub.asked if path == "/graphql"] == [
        "Bearer ghs_first", "Bearer ghs_second", "Bearer ghs_second"]  # fmt: skip
    assert starred("ghs_first ghs_second") == "*** ***"


def test_an_enterprise_server_has_its_graphql_beside_v3(hub: Hub) -> None:
    told(source(url="https://git.acme.example/api/v3"))
    assert {path for path, _, _ in hub.asked} == {"/api/graphql"}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"token": None}, "give either a token, or a GitHub App"),
        ({"app_id": "1"}, "belong together"),
        ({"repositories": ["dbt"]}, "write owner/name"),
        ({"repositories": [REPO, {"name": "ACME/dbt"}]}, "stands there twice"),
        ({"deployments": {"environment": "a", "merge": "b"}}, "exactly one of environment, workflow, merge"),
        ({"deployments": {"merge": "main", "branch": "x"}}, "branch goes with workflow"),
        ({"hotfix_pattern": "("}, "not a regular expression"),
        ({"repositories": [{"name": REPO, "owned": [{"files": "*", "asset": "{x}"}]}]}, "is not known of a file"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=problem):
        GithubSettings.model_validate({"token": TOKEN, "repositories": [REPO], **settings})
