"""Reading GitHub: GraphQL where it saves calls, REST elsewhere. Listings go newest first and stop at what is older."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from collectors.codeowners import PLACES, Rule, parse
from collectors.git.repo import Commit
from collectors.github.queries import ABOUT, DEPLOYMENTS, PULLS
from collectors.http import Http
from collectors.pages import Listing
from collectors.patience import persist
from collectors.totals import counted
from slo.errors import PermissionMissing, RetriableError, SourceError

Record = dict[str, Any]
MOST_RUNS = 1000
"""GitHub answers no more of one filtered search for runs: a longer stretch of time is split."""
_PER_PAGE = 100
ALERTS = {"dependabot": "dependabot", "code_scanning": "code-scanning", "secret_scanning": "secret-scanning"}
"""Kind of security alert -> its part of the path."""


@dataclass(frozen=True)
class About:
    """What a repository says of itself."""

    url: str
    branch: str
    rules: list[Rule]
    place: str | None
    """Where its CODEOWNERS stands; None: it has none."""


class GithubApi:
    """One installation of GitHub."""

    def __init__(self, http: Http, url: str) -> None:
        self.http = http
        base = url.rstrip("/")
        self.graph = base.removesuffix("/v3") + "/graphql" if base.endswith("/api/v3") else base + "/graphql"

    def about(self, repository: str) -> About:
        """Its web address, default branch and CODEOWNERS."""
        told = self._repository(repository, ABOUT, {})
        texts = ((told.get(name) or {}).get("text") for name in ("first", "second", "third"))
        place, text = next(((at, text) for at, text in zip(PLACES, texts, strict=True) if text is not None), (None, ""))
        branch = (told.get("defaultBranchRef") or {}).get("name")
        if not branch:
            raise SourceError(f"{repository}: the repository is empty; take it out of repositories, or push to it")
        return About(told["url"], branch, parse(text), place)

    def deployments(self, repository: str, environment: str, since: datetime) -> Iterator[Record]:
        """Deployments to an environment that were created since then, with their statuses, newest first."""
        variables = {"environments": [environment]}
        for node in self._listing(repository, DEPLOYMENTS, variables, "databaseId"):
            if instant(node["createdAt"]) < since:
                return
            if node["statuses"]["pageInfo"]["hasNextPage"]:
                node["statuses"]["nodes"] = self._statuses(repository, node["databaseId"])
            yield node

    def _statuses(self, repository: str, deployment: int) -> list[Record]:
        """All statuses of a deployment that has more than GraphQL told at once, in GraphQL's words."""
        path = f"/repos/{repository}/deployments/{deployment}/statuses"
        told = self.http.linked(path, {"per_page": _PER_PAGE}, key=_id)
        return [{"state": one["state"].upper(), "createdAt": one["created_at"]} for one in told]

    def pulls(self, repository: str, branch: str, since: datetime) -> Iterator[Record]:
        """Pull requests merged to the branch that changed since then, the last changed first."""
        for node in self._listing(repository, PULLS, {"branch": branch}, "number"):
            if instant(node["updatedAt"]) < since:
                return
            yield node

    def commits(self, repository: str, branch: str, since: datetime, until: datetime) -> dict[str, Commit]:
        """The branch's commits of a stretch of time by their committer's date, newest first."""
        asked = {"sha": branch, "since": text(since), "until": text(until), "per_page": _PER_PAGE}
        with _seen(f"{repository}: commits of the branch {branch!r}", "Contents"):
            found = map(_commit, self.http.linked(f"/repos/{repository}/commits", asked, key=lambda one: one["sha"]))
            return {commit.sha: commit for commit in found}

    def runs(
        self, repository: str, workflow: str, branch: str | None, start: datetime, end: datetime
    ) -> Iterator[Record]:
        """Runs of a workflow that were created in the stretch of time, however many they are."""
        asked = {"branch": branch} if branch else {}
        path = f"/repos/{repository}/actions/workflows/{workflow}/runs"
        params = {**asked, "created": f"{text(start)}..{text(end)}", "exclude_pull_requests": "true"}
        with _seen(f"{repository}: runs of the workflow {workflow!r}", "Actions"):
            first = self._runs(path, params, 1)
        if first["total_count"] > MOST_RUNS:
            middle = _middle(path, start, end)
            yield from self.runs(repository, workflow, branch, middle + timedelta(seconds=1), end)
            yield from self.runs(repository, workflow, branch, start, middle)
            return
        yield from self._all_runs(path, params, first)

    def _all_runs(self, path: str, params: Mapping[str, str], answer: Record) -> Iterator[Record]:
        """Every run once, from the first page on; a listing that ends before its own count is an error."""
        listing, page, seen = Listing(path, _id), 1, 0
        while seen < answer["total_count"]:
            runs = answer["workflow_runs"]
            if not runs:
                raise RetriableError(f"{path}: the list ended after {seen} of {answer['total_count']} runs. The next "
                                     "pass tries again.")  # fmt: skip
            yield from listing.new(runs)
            page, seen = page + 1, seen + len(runs)
            if seen < answer["total_count"]:
                answer = persist(partial(self._checked, listing, path, params, page))
        counted(answer["total_count"], listing.came)

    def _checked(self, listing: Listing, path: str, params: Mapping[str, str], page: int) -> Record:
        answer = self._runs(path, params, page)
        listing.check(answer["workflow_runs"])
        return answer

    def _runs(self, path: str, params: Mapping[str, str], page: int) -> Record:
        answer: Record = self.http.get(path, {**params, "per_page": _PER_PAGE, "page": page})
        return answer

    def files(self, repository: str, branch: str) -> list[str]:
        """Paths of the branch's files. Raises SourceError where GitHub cuts the list off (100,000 files)."""
        with _seen(f"{repository}: files of the branch {branch!r}", "Contents"):
            tree = self.http.get(f"/repos/{repository}/git/trees/{branch}", {"recursive": "1"})
        if tree.get("truncated"):
            raise SourceError(f"{repository}: too many files for GitHub's list of them; take `owned` out")
        return [one["path"] for one in tree["tree"] if one.get("type") == "blob"]

    def alerts(self, repository: str, kind: str, since: datetime, lying: bool = False) -> Iterator[Record]:
        """Security alerts that changed since then, the last changed first; with ``lying`` also those that have lain
        open since long before."""
        told = set()
        for alert in self._alerts(repository, kind, {"sort": "updated"}):
            if instant(alert.get("updated_at") or alert["created_at"]) < since:
                break
            told.add(alert["number"])
            yield alert
        still = self._alerts(repository, kind, {"state": "open", "sort": "created"}) if lying else ()
        yield from (alert for alert in still if alert["number"] not in told)

    def _alerts(self, repository: str, kind: str, asked: Mapping[str, str]) -> Iterator[Record]:
        path = f"/repos/{repository}/{ALERTS[kind]}/alerts"
        params = {**asked, "direction": "desc", "per_page": _PER_PAGE}
        params |= {"hide_secret": "true"} if kind == "secret_scanning" else {}
        words = kind.replace("_", " ")
        with _seen(f"{repository}: {words} alerts (take {kind} out of findings, or switch them on)", f"{words} alerts"):
            yield from self.http.linked(path, params, key=lambda one: one["number"])

    def _listing(self, repository: str, query: str, variables: Mapping[str, Any], key: str) -> Iterator[Record]:
        """The nodes of a GraphQL listing, each once."""
        listing, after = Listing(f"{self.graph} ({repository})", lambda node: node[key]), None
        while True:
            listing.ask(after)
            page = persist(partial(self._page, listing, repository, query, {**variables, "after": after}))
            yield from listing.new(page["nodes"])
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def _page(self, listing: Listing, repository: str, query: str, variables: Mapping[str, Any]) -> Record:
        page: Record = self._repository(repository, query, variables)["listing"]
        listing.check(page["nodes"])
        return page

    def _repository(self, repository: str, query: str, variables: Mapping[str, Any]) -> Record:
        """What a query says of a repository. Half an answer is an error: GraphQL tells errors under HTTP 200."""
        owner, name = repository.split("/")
        body = {"query": query, "variables": {"owner": owner, "name": name, **variables}}
        answer = _unspoiled(self.http.post(self.graph, body), f"{self.graph} ({repository})")
        found: Record | None = (answer.get("data") or {}).get("repository")
        if found is None:
            raise PermissionMissing(f"{self.graph}: {repository} is not to be seen. {self.http.remedy}")
        return found


@contextmanager
def _seen(what: str, right: str) -> Iterator[None]:
    """GitHub says 404 also of what a token may not see."""
    try:
        yield
    except SourceError as error:
        place, missing, _ = str(error).partition(": HTTP 404")
        if not missing:
            raise
        raise PermissionMissing(f"{what}: not there, or not to be seen ({place}: HTTP 404). It needs the right "
                                f"`{right}`, read-only.") from None  # fmt: skip


def _unspoiled(answer: Any, place: str) -> Record:
    """The answer, or what its errors mean."""
    if not isinstance(answer, dict):
        raise SourceError(f"{place}: expected a GraphQL answer. Is the URL the API's?")
    errors = answer.get("errors") or []
    kinds = {error.get("type") for error in errors}
    said = "; ".join(str(error.get("message")) for error in errors)[:200].rstrip(".")
    if "RATE_LIMITED" in kinds:
        raise RetriableError(f"{place}: {said}. The next pass goes on. Lower requests_per_second.")
    if kinds & {"FORBIDDEN", "NOT_FOUND", "INSUFFICIENT_SCOPES"}:
        raise PermissionMissing(f"{place}: {said}. Grant the token this repository with the rights that "
                                "`tierline plugins github` lists.")  # fmt: skip
    if errors:
        raise RetriableError(f"{place}: {said}. The next pass tries again.")
    return answer


def _commit(record: Record) -> Commit:
    """A commit without its people."""
    told = record["commit"]
    subject, _, body = told["message"].partition("\n")
    parents = tuple(parent["sha"] for parent in record["parents"])
    return Commit(record["sha"], parents, instant(told["committer"]["date"]), subject, body.strip())


def _middle(path: str, start: datetime, end: datetime) -> datetime:
    """The whole second in the middle; a second with more runs than GitHub tells cannot be split."""
    if end - start < timedelta(seconds=2):
        raise SourceError(f"{path}: more than {MOST_RUNS} runs in a second; GitHub tells no more of them")
    return (start + (end - start) / 2).replace(microsecond=0)


def _id(record: Record) -> Any:
    return record["id"]


def instant(word: str) -> datetime:
    """GitHub's time, always with a zone."""
    return datetime.fromisoformat(word).astimezone(UTC)


def text(moment: datetime) -> str:
    """An instant as GitHub reads it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
