"""GitHub's deployments against a hub of plain lists; what must come out is worked out by hand from each story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collectors.base import Enumerated, Period
from slo.errors import RetriableError
from tests.collectors.github.github_hub import NOW, REPO, Hub, commit, day, deployment, pull, run, source, story, told


def deployed(hub: Hub, **settings: Any) -> list[tuple[str, str, str, str | None]]:
    """(id without the repository, time, state, failure) of every deployment told."""
    wanted = {"deployments": {"environment": "production"}, "pull_requests": False, **settings}
    return [
        (fact.id.removeprefix(f"{REPO}/"), f"{fact.at:%m-%dT%H:%M}", fact.state, fact.failure)
        for fact in told(source(**wanted))
        if fact.kind == "deployment"
    ]


def test_a_deployment_is_made_at_its_first_success_and_failed_only_without_one(hub: Hub) -> None:
    hub.deployments = [
        deployment(5, "e" * 40, day(15), ("IN_PROGRESS", day(15, 11))),
        deployment(4, "d" * 40, day(14), ("IN_PROGRESS", day(14, 13)), ("FAILURE", day(14, 12))),
        deployment(3, "c" * 40, day(13), ("INACTIVE", day(14)), ("ERROR", day(13, 12)), ("QUEUED", day(13, 11))),
        deployment(2, "b" * 40, day(12), ("SUCCESS", day(12, 14)), ("SUCCESS", day(12, 12)), ("FAILURE", day(12, 11))),
        deployment(1, "a" * 40, day(11), ("INACTIVE", day(12, 12)), ("SUCCESS", day(11, 11))),
    ]
    assert deployed(hub) == [
        ("deployments/1", "11-11T11:00", "succeeded", None),
        ("deployments/2", "11-12T12:00", "succeeded", None),
        ("deployments/3", "11-13T12:00", "failed", None),
    ]
    pages = [query["after"] for path, query, _ in hub.asked if path == "/graphql" and "environments" in query]
    assert pages == [None, "2", "4"]
    assert all(headers["X-GitHub-Api-Version"] == "2022-11-28" for _, _, headers in hub.asked)


ROLLED_BACK = [
    ("deployments/1", "11-02T10:00", "succeeded", None),
    ("deployments/2", "11-04T10:00", "rolled_back", "rollback"),
    ("deployments/3", "11-06T10:00", "succeeded", None),
]
REVERTS = {
    "the commit's words": (f"\n\nThis reverts commit {'2' * 40}.", {}),
    "the pull request's words": ("", {"body": f"Reverts {REPO}#7\n\nSorry, @pat-person"}),
    "the title alone": ("", {"body": None}),
}


@pytest.mark.parametrize("how", REVERTS)
def test_a_revert_takes_back_the_deployment_that_brought_the_change(hub: Hub, how: str) -> None:
    story(hub)
    words, more = REVERTS[how]
    hub.commits[0]["commit"]["message"] += words
    hub.pulls = [pull(8, 'Revert "Faster"', day(5), "4" * 40, **more), pull(7, "Faster", day(3, 9), "2" * 40)]
    assert deployed(hub) == ROLLED_BACK


def test_a_revert_of_a_rebased_pull_request_is_found_by_its_merge_commit(hub: Hub) -> None:
    story(hub)
    hub.commits[2]["commit"]["message"] = "Faster"  # a rebase leaves the number out
    hub.pulls = [pull(8, "Back", day(5), "4" * 40, body="Reverts #7"), pull(7, "Faster", day(3, 9), "2" * 40)]
    assert deployed(hub) == ROLLED_BACK


def test_a_failed_deployment_holds_nothing_so_the_next_one_is_taken_back(hub: Hub) -> None:
    story(hub)
    hub.commits[0]["commit"]["message"] += f"\n\nThis reverts commit {'2' * 40}."
    hub.deployments.insert(1, deployment(9, "3" * 40, day(3, 12), ("FAILURE", day(3, 12))))
    hub.deployments.sort(key=lambda one: one["createdAt"], reverse=True)
    assert deployed(hub) == [ROLLED_BACK[0], ("deployments/9", "11-03T12:00", "failed", None), *ROLLED_BACK[1:]]


def test_a_deployment_of_very_many_statuses_is_asked_for_all_of_them(hub: Hub) -> None:
    node = deployment(1, "a" * 40, day(10), ("IN_PROGRESS", day(12)))
    node["statuses"]["pageInfo"]["hasNextPage"] = True
    hub.deployments = [node]
    hub.rest[f"/repos/{REPO}/deployments/1/statuses"] = [
        {"id": 2, "state": "in_progress", "created_at": day(12)}, {"id": 1, "state": "success", "created_at": day(11)},
    ]  # fmt: skip
    assert deployed(hub) == [("deployments/1", "11-11T10:00", "succeeded", None)]


def test_a_revert_counts_only_within_the_days_that_are_read_again(hub: Hub) -> None:
    story(hub)
    hub.commits[0]["commit"]["message"] += f"\n\nThis reverts commit {'2' * 40}."
    assert [row[3] for row in deployed(hub, look_back_days=2)] == [None, "rollback", None]  # two days later
    hub.deployments[0]["statuses"]["nodes"][0]["createdAt"] = day(6, 11)  # two days and an hour
    assert [row[3] for row in deployed(hub, look_back_days=2)] == [None, None, None]


def test_a_hotfix_is_told_by_a_label_or_a_commits_words_within_its_hours(hub: Hub) -> None:
    story(hub)
    hub.pulls = [pull(8, "Mend", day(5), "4" * 40, labels=["hotfix"])]
    assert [row[3] for row in deployed(hub)] == [None, None, None]  # 48 hours later
    assert [row[3] for row in deployed(hub, hotfix_hours=48)] == [None, "hotfix", None]
    assert [row[3] for row in deployed(hub, hotfix_hours=48, hotfix_label="urgent")] == [None, None, None]
    hub.commits[0]["commit"]["message"] = "Hotfix: mend"
    assert [row[3] for row in deployed(hub, hotfix_hours=48, hotfix_label=None)] == [None, "hotfix", None]


def test_runs_of_a_workflow_are_deployments_and_a_rerun_replaces_its_attempt(hub: Hub) -> None:
    hub.runs = [
        run(7, day(16), day(16, 11), "success", home="somebody/dbt"),  # a fork's main
        run(6, day(15), day(15, 11), None),
        run(5, day(14), day(14, 11), "cancelled"),
        run(4, day(13), day(13, 11), "timed_out"),
        run(3, day(12), day(12, 11), "failure"),
        run(2, day(11), day(11, 11), "success"),
    ]
    workflow = {"deployments": {"workflow": "deploy.yml", "branch": "main"}}
    assert deployed(hub, **workflow) == [
        ("runs/2", "11-11T11:00", "succeeded", None),
        ("runs/3", "11-12T11:00", "failed", None),
        ("runs/4", "11-13T11:00", "failed", None),
    ]
    hub.runs[3] = run(3, day(12), day(16, 9), "success", attempt=2)
    assert ("runs/3", "11-16T09:00", "succeeded", None) in deployed(hub, **workflow)
    asked = [query for path, query, _ in hub.asked if path.endswith("/runs")]  # 60 days, and 30 before them
    assert asked[0] == {
        "branch": "main", "created": "2026-08-23T12:00:00Z..2026-11-21T12:00:00Z", "exclude_pull_requests": "true",
        "per_page": "100", "page": "1",
    }  # fmt: skip


def test_more_runs_than_github_tells_at_once_are_read_by_halves_of_the_time(hub: Hub) -> None:
    moments = [NOW - timedelta(minutes=number) for number in range(2500)]
    hub.runs = [run(number, f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%Y-%m-%dT%H:%M:%SZ}", "success")
                for number, at in enumerate(moments)]  # fmt: skip
    found = deployed(hub, deployments={"workflow": "deploy.yml"}, look_back_days=1)
    # The run of exactly the end belongs to the next pass.
    assert sorted(int(row[0].removeprefix("runs/")) for row in found) == list(range(1, 2500))


def test_a_list_of_runs_that_ends_too_early_is_an_error(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_runs", lambda query: {"total_count": 3, "workflow_runs": []})
    with pytest.raises(RetriableError, match="ended after 0 of 3 runs"):
        deployed(hub, deployments={"workflow": "deploy.yml"})


def test_merges_to_a_branch_are_deployments_named_by_their_commit(hub: Hub) -> None:
    hub.commits = [commit("2" * 40, day(3), "Faster (#7)", "1" * 40)]
    hub.pulls = [pull(7, "Faster", day(3), "2" * 40)]
    facts = told(source(deployments={"merge": "main"}, repositories=[{"name": REPO, "team": "core", "asset": "svc"}]))
    assert [(fact.id, fact.kind, fact.title, fact.state, fact.team, fact.asset) for fact in facts] == [
        (f"{REPO}/commit/{'2' * 40}", "deployment", "Faster", "succeeded", "core", "svc"),
        (f"{REPO}/pull/7", "pull_request", "Faster", "succeeded", "core", "svc"),
    ]
    assert {query.get("branch") for path, query, _ in hub.asked if path == "/graphql"} == {None, "main"}


def test_an_incremental_pass_reads_the_last_days_again(hub: Hub) -> None:
    story(hub)
    github = source(deployments={"environment": "production"}, pull_requests=False, look_back_days=17)
    latest = Period(NOW - timedelta(minutes=10), NOW, incremental=True, latest=True)
    found = [raw.data["id"] for raw in github.fetch(latest) if not isinstance(raw, Enumerated)]
    assert found == ["deployments/3"]  # of the 6th, 10:00; the 17 days begin on the 4th at 12:00
    since = next(query["since"] for path, query, _ in hub.asked if path.endswith("/commits"))
    assert since == "2026-10-18T12:00:00Z"
