"""GitHub's webhook: signature, and which deployments and pull requests a delivery is about. What it tells is told under
the same ids as what is polled; the next pass adds what a delivery cannot know (a revert, a hotfix)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from collectors.github.changes import (
    Pull,
    Release,
    pull_of_rest,
    release_of_deployment,
    release_of_pull,
    release_of_run,
)
from collectors.github.settings import Repository

Record = dict[str, Any]


def admit(body: bytes, headers: Mapping[str, str], secret: str | None, name: str) -> None:
    """Raises PermissionError unless the body is signed with the secret (X-Hub-Signature-256)."""
    if secret is None:
        raise PermissionError(f"{name}: set webhook_secret, and the same secret in GitHub's webhook: an unsigned "
                              "delivery is not believed")  # fmt: skip
    told = {key.lower(): value for key, value in headers.items()}.get("x-hub-signature-256", "")
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(told.encode(), wanted.encode()):
        raise PermissionError(f"{name}: the delivery's X-Hub-Signature-256 does not fit webhook_secret")


def event_of(body: bytes, headers: Mapping[str, str]) -> tuple[str, Record]:
    """The delivery's kind and content. Raises ValueError where it is none of GitHub's."""
    kind = {key.lower(): value for key, value in headers.items()}.get("x-github-event")
    try:
        payload = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON; set the webhook's content type to application/json") from None
    if kind is None or not isinstance(payload, dict):
        raise ValueError("expected a delivery of GitHub: a JSON object with the header X-GitHub-Event")
    return kind, payload


def told_by(kind: str, payload: Record, repository: Repository, branch: str) -> list[Release | Pull]:
    """What a delivery about this repository tells; nothing for an event that is no deployment here."""
    try:
        release = _release(kind, payload, repository)
        pull = pull_of_rest(payload["pull_request"]) if kind == "pull_request" else None
        base = payload["pull_request"]["base"]["ref"] if pull else None
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"a {kind} delivery without {error}") from None
    wanted = repository.deployments
    merged = release_of_pull(pull) if pull and wanted and wanted.merge == base else None
    found: list[Release | Pull | None] = [release, merged, pull if base == branch else None]
    return [one for one in found if one is not None]


def _release(kind: str, payload: Record, repository: Repository) -> Release | None:
    wanted = repository.deployments
    if wanted is None:
        return None
    if kind == "deployment_status" and payload["deployment"]["environment"] == wanted.environment:
        status, deployment = payload["deployment_status"], payload["deployment"]
        node = {"databaseId": deployment["id"], "commitOid": deployment["sha"], "statuses": {"nodes": [
            {"state": status["state"].upper(), "createdAt": status["created_at"]}]}}  # fmt: skip
        return release_of_deployment(node, payload["repository"]["html_url"])
    if kind == "workflow_run" and _is_wanted(payload["workflow_run"], wanted.workflow, wanted.branch):
        return release_of_run(payload["workflow_run"], repository.name)
    return None


def _is_wanted(run: Record, workflow: str | None, branch: str | None) -> bool:
    """Whether it is a run of this workflow (its file's name or its id), on this branch where one is asked for."""
    file = str(run.get("path") or "").split("@")[0].rsplit("/", 1)[-1]
    return workflow in (file, str(run["workflow_id"])) and branch in (None, run.get("head_branch"))
