"""GitHub's webhook, signed as GitHub signs."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.collectors.github.github_hub import REPO, day, run, source


def hook(kind: str, payload: dict[str, Any], secret: str = "s3cret") -> tuple[bytes, dict[str, str]]:
    repository = {"full_name": "Acme/dbt", "default_branch": "main", "html_url": f"https://github.com/{REPO}"}
    body = json.dumps({"repository": repository, **payload}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return body, {"X-GitHub-Event": kind, "x-hub-signature-256": f"sha256={signature}"}


def status(state: str, environment: str = "production") -> dict[str, Any]:
    return {"deployment_status": {"state": state, "created_at": day(4)},
            "deployment": {"id": 9, "sha": "2" * 40, "environment": environment}}  # fmt: skip


def test_the_webhook_tells_the_same_ids_as_the_poll() -> None:
    github = source(deployments={"environment": "production"}, webhook_secret="s3cret")
    receive = github.routes()["events"]
    facts = receive(*hook("deployment_status", status("success")))
    found = [(fact["id"], fact["state"], fact["at"].day) for fact in facts]
    assert found == [(f"{REPO}/deployments/9", "succeeded", 4)]
    for kind, payload in [
        ("deployment_status", status("in_progress")), ("deployment_status", status("success", "staging")),
        ("ping", {"zen": "x"}), ("deployment_status", {**status("success"), "repository": {"full_name": "acme/else"}}),
    ]:  # fmt: skip
        assert receive(*hook(kind, payload)) == []
    merged = {
        "number": 7, "title": "Faster", "html_url": "u", "merged_at": day(3), "updated_at": day(3),
        "merge_commit_sha": "2" * 40, "base": {"ref": "main"}, "labels": [], "additions": 3, "deletions": 4,
    }  # fmt: skip
    assert [fact["id"] for fact in receive(*hook("pull_request", {"pull_request": merged}))] == [f"{REPO}/pull/7"]
    assert receive(*hook("pull_request", {"pull_request": {**merged, "merged_at": None}})) == []
    assert receive(*hook("pull_request", {"pull_request": {**merged, "base": {"ref": "dev"}}})) == []


def test_the_webhook_knows_runs_by_their_file() -> None:
    github = source(deployments={"workflow": "deploy.yml"}, webhook_secret="s3cret")
    receive = github.routes()["events"]
    done = run(3, day(12), day(12, 11), "success")
    assert [fact["id"] for fact in receive(*hook("workflow_run", {"workflow_run": done}))] == [f"{REPO}/runs/3"]
    other = {**done, "path": ".github/workflows/test.yml", "workflow_id": 1}
    assert receive(*hook("workflow_run", {"workflow_run": other})) == []


def test_a_delivery_that_is_not_signed_or_not_githubs_is_refused() -> None:
    github = source(webhook_secret="s3cret")
    body, headers = hook("ping", {}, secret="wrong")
    with pytest.raises(PermissionError, match="does not fit webhook_secret"):
        github.receive(body, headers)
    with pytest.raises(PermissionError, match="set webhook_secret"):
        source().receive(*hook("ping", {}))
    body, headers = hook("ping", {})
    with pytest.raises(ValueError, match="X-GitHub-Event"):
        github.receive(body, {"X-Hub-Signature-256": headers["x-hub-signature-256"]})
    with pytest.raises(ValueError, match="a deployment_status delivery without 'deployment'"):
        source(webhook_secret="s3cret", deployments={"environment": "p"}).receive(*hook("deployment_status", {}))
