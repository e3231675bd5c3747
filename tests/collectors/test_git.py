"""Repositories really made with git; what must come out is worked out from their stories by hand."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collectors.base import Enumerated, Period
from collectors.git.repo import fits
from collectors.sources.git import GitSettings, GitSource
from slo.errors import SourceError
from slo.interchange import parse

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = Period(datetime(2026, 1, 1, tzinfo=UTC), NOW, latest=True)
PERSON = "Pat Person"


class Story:
    """A repository that grows commit by commit, each at a day of November 2026, 10:00."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, day: int = 1) -> str:
        when = f"2026-11-{day:02d}T10:00:00+00:00"
        who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
            ("NAME", PERSON), ("EMAIL", "pat@example.invalid"), ("DATE", when))}  # fmt: skip
        plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env={**os.environ, **plain, **who}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, message: str, day: int, file: str = "a.sql", lines: int = 1) -> str:
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("".join(f"{message} {number}\n" for number in range(lines)))
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message, day=day)
        return self.git("rev-parse", "HEAD")

    def merge(self, message: str, day: int, file: str) -> str:
        self.git("checkout", "-q", "-b", f"b{day}")
        self.commit(f"work for {message.splitlines()[0]}", day, file)
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", message, f"b{day}", day=day)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "repo")


def source(path: Path, **settings: Any) -> GitSource:
    return GitSource("git", GitSettings(path=path, **settings), lambda: NOW)


def told(path: Path, period: Period = EVER, **settings: Any) -> list[Any]:
    git = source(path, **settings)
    found = [raw for raw in git.fetch(period) if not isinstance(raw, Enumerated)]
    return [parse({**record, "source": "git"}) for raw in found for record in git.parse(raw)]


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 10, tzinfo=UTC)


def deployments(path: Path, **settings: Any) -> list[tuple[str, datetime, str, str | None]]:
    facts = told(path, pull_requests=False, **settings)
    return [(fact.id, fact.at, fact.state, fact.failure) for fact in facts if fact.kind == "deployment"]


def test_tags_are_deployments_and_a_reverted_commit_fails_the_tag_that_brought_it(story: Story) -> None:
    story.commit("one", 1)
    story.git("tag", "v1")  # a mere name: the commit's date
    bad = story.commit("two", 2)
    story.git("tag", "-a", "v2", "-m", "two", day=4)  # annotated: the tagger's date
    story.commit("three", 5, "b.sql")
    story.git("tag", "v3")
    story.git("revert", "--no-edit", bad, day=6)
    story.git("tag", "v4")
    story.git("tag", "nightly")
    assert deployments(story.path, tag_pattern="v*") == [
        ("v1", at(1), "succeeded", None),
        ("v2", at(4), "rolled_back", "rollback"),
        ("v3", at(5), "succeeded", None),
        ("v4", at(6), "succeeded", None),
    ]


def test_a_commit_reverted_before_it_went_out_failed_nothing(story: Story) -> None:
    story.commit("one", 1)
    story.git("tag", "v1")
    bad = story.commit("two", 2)
    story.git("revert", "--no-edit", bad, day=3)
    story.git("tag", "v2")
    assert [failure for *_, failure in deployments(story.path)] == [None, None]


def test_to_revert_a_revert_fails_nothing_more(story: Story) -> None:
    story.commit("one", 1)
    bad = story.commit("two", 2)
    story.git("revert", "--no-edit", bad, day=3)
    story.git("revert", "--no-edit", "HEAD", day=4)
    found = deployments(story.path, deployments="commits")
    assert [(when, failure) for _, when, _, failure in found] == [
        (at(1), None), (at(2), "rollback"), (at(3), None), (at(4), None),
    ]  # fmt: skip
    assert found[1][0] == bad


def test_merges_are_deployments_with_the_change_s_title_and_no_branch_name(story: Story) -> None:
    story.commit("base", 1)
    github = story.merge("Merge pull request #12 from pat/feature\n\nFaster orders", 2, "b.sql")
    gitlab = story.merge("Merge branch 'pat/x' into 'main'\n\nNew mart\n\nSee merge request acme/dbt!7", 3, "c.sql")
    bitbucket = story.merge("Merged in pat/y (pull request #3)\n\nTidy", 4, "d.sql")
    plain = story.merge("Merge branch 'pat/z'", 5, "e.sql")
    story.commit("Squashed work (#13)", 6, "f.sql")
    facts = told(story.path, deployments="merges", url="https://git.example/acme/dbt/")
    deployed = [fact for fact in facts if fact.kind == "deployment"]
    assert [(fact.title, fact.at) for fact in deployed] == [
        ("Faster orders", at(2)), ("New mart", at(3)), ("Tidy", at(4)), ("a merged branch", at(5)),
        ("Squashed work", at(6)),
    ]  # fmt: skip
    assert [fact.id for fact in deployed][:4] == [github, gitlab, bitbucket, plain]
    assert deployed[0].url == f"https://git.example/acme/dbt/commit/{github}"
    merged = [fact for fact in facts if fact.kind == "pull_request"]
    assert [fact.id for fact in merged] == ["pull/12", "pull/7", "pull/3", f"merge/{plain}", "pull/13"]
    assert {(fact.state, fact.size) for fact in merged} == {("succeeded", None)}
    assert "pat" not in repr(facts).lower()


def test_a_reverted_merge_by_its_commit_and_by_its_number(story: Story) -> None:
    story.commit("base", 1)
    first = story.merge("Merge pull request #12 from pat/a\n\nA", 2, "b.sql")
    story.merge("Merge pull request #13 from pat/b\n\nB", 3, "c.sql")
    story.commit("Revert A (#14)\n\nThis reverts commit " + first + ", reversing\nchanges made to base.", 4)
    story.commit('Revert "B" (#15)\n\nReverts acme/dbt#13', 5)
    found = deployments(story.path, deployments="merges")
    assert [failure for *_, failure in found] == ["rollback", "rollback", None, None]


def test_an_update_of_a_clone_merges_no_change(story: Story) -> None:
    story.commit("base", 1)
    story.merge("Merge branch 'main' of https://git.example/acme/dbt", 2, "b.sql")
    story.merge("Merge remote-tracking branch 'origin/main'", 3, "c.sql")
    assert told(story.path, deployments="merges") == []


@pytest.mark.parametrize(("day", "failure"), [(3, "hotfix"), (4, None)])
def test_a_hotfix_is_held_against_the_deployment_before_for_a_day(story: Story, day: int, failure: str | None) -> None:
    story.commit("one", 1)
    story.git("tag", "v1")
    story.commit("two", 2)
    story.git("tag", "v2")
    story.commit("Hotfix: wrong join", day)
    story.git("tag", "v3")
    assert [fact[3] for fact in deployments(story.path)] == [None, failure, None]
    assert [fact[3] for fact in deployments(story.path, hotfix_pattern=None)] == [None, None, None]


def test_size_is_the_lines_changed_where_asked_for(story: Story) -> None:
    story.commit("base", 1, "f.sql", lines=3)
    story.commit("More (#2)", 2, "f.sql", lines=5)  # 3 lines go, 5 come
    story.merge("Merge pull request #4 from pat/c\n\nC", 3, "g.sql")  # one line comes
    merged = [fact for fact in told(story.path, sizes=True, deployments="none") if fact.kind == "pull_request"]
    assert [(fact.id, fact.size) for fact in merged] == [("pull/2", 8.0), ("pull/4", 1.0)]


def test_every_update_of_a_document_that_still_exists(story: Story) -> None:
    first = story.commit("read me", 1, "README.md")
    story.commit("guide", 2, "docs/on call/guide é.md")
    story.commit("gone", 3, "docs/gone.md")
    second = story.commit("read me again", 4, "README.md")
    (story.path / "docs/gone.md").unlink()
    story.commit("code", 5)
    facts = told(story.path, documents=["*.md", "docs/**/*.md"], key_documents=["docs/**"], deployments="none")
    entries = [fact for fact in facts if fact.kind == "document"]
    assert [(fact.subject, fact.updated_at, fact.at, fact.key) for fact in entries] == [
        ("README.md", at(4), at(4), False),
        ("docs/on call/guide é.md", at(2), at(2), True),
        ("README.md", at(1), at(1), False),
    ]
    assert [fact.id for fact in entries if fact.subject == "README.md"] == [
        f"README.md@{second[:12]}", f"README.md@{first[:12]}",
    ]  # fmt: skip


def test_the_newest_update_of_a_document_is_told_however_old(story: Story) -> None:
    story.commit("read me", 1, "README.md")
    story.commit("code", 20)
    latest = Period(at(20), NOW, latest=True)
    assert [fact.subject for fact in told(story.path, latest, documents=["README.md"])] == ["README.md"]
    assert told(story.path, Period(at(19), at(20)), documents=["README.md"]) == []


def test_periods_are_half_open_and_a_later_pass_tells_older_deployments_again(story: Story) -> None:
    bad = story.commit("one", 10)
    story.git("tag", "v1")
    assert [fact.id for fact in told(story.path, Period(at(10), at(11)))] == ["v1"]
    assert told(story.path, Period(at(9), at(10))) == []
    story.commit("two", 11, "b.sql")
    story.git("revert", "--no-edit", bad, day=12)
    story.git("tag", "v2")
    later = Period(at(12) - timedelta(hours=1), NOW, incremental=True, latest=True)
    assert [(fact.id, fact.failure) for fact in told(story.path, later)] == [("v1", "rollback"), ("v2", None)]
    assert [fact.id for fact in told(story.path, later, history_days=10)] == ["v2"]


def test_the_listing_is_complete_unless_the_clone_is_shallow(story: Story, tmp_path: Path) -> None:
    story.commit("one (#1)", 1, "README.md")
    story.git("tag", "v1")
    story.commit("two", 2)
    listings = {
        raw.kind: raw.ids for raw in source(story.path, documents=["*.md"]).fetch(EVER) if isinstance(raw, Enumerated)
    }
    assert listings["change"] == {"v1", "pull/1"}
    assert len(listings["entry"]) == 1
    story.git("clone", "-q", "--depth", "1", f"file://{story.path}", str(tmp_path / "shallow"))
    shallow = source(tmp_path / "shallow")
    assert not [raw for raw in shallow.fetch(EVER) if isinstance(raw, Enumerated)]
    assert "the clone is shallow" in [finding.what for finding in shallow.check()]


def test_a_bare_repository_is_fetched_where_asked_for(story: Story, tmp_path: Path) -> None:
    story.commit("one", 1)
    story.git("tag", "v1")
    bare = tmp_path / "bare.git"
    story.git("clone", "-q", "--mirror", str(story.path), str(bare))
    story.commit("two", 2)
    story.git("tag", "v2")
    assert [fact[0] for fact in deployments(bare)] == ["v1"]
    assert [fact[0] for fact in deployments(bare, fetch=True)] == ["v1", "v2"]


def test_a_failed_fetch_says_so_without_the_password(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.commit("one", 1)
    story.git("remote", "add", "origin", "http://pat:geheim@127.0.0.1:9/x.git")
    monkeypatch.setenv("GIT_DIR", "/nonexistent")  # of a hook that started us: not the repository that is meant
    with pytest.raises(SourceError, match="git fetch") as error:
        list(source(story.path, fetch=True).fetch(EVER))
    assert "geheim" not in str(error.value)
    assert "127.0.0.1" in str(error.value)


def break_path(path: Path) -> dict[str, Any]:
    return {"path": path / "nowhere"}


def break_repository(path: Path) -> dict[str, Any]:
    (path / "sub").mkdir()  # inside a repository, but none itself: not to be taken for the one around it
    return {"path": path / "sub"}


def break_branch(path: Path) -> dict[str, Any]:
    return {"path": path, "branch": "release"}


@pytest.mark.parametrize(("broken", "words"), [
    (break_path, "nowhere: no such folder"), (break_repository, "not a git repository"),
    (break_branch, "'release' names no commit"),
])  # fmt: skip
def test_what_cannot_be_read_is_one_clear_error(
    story: Story, broken: Callable[[Path], dict[str, Any]], words: str
) -> None:
    story.commit("one", 1)
    git = source(**broken(story.path))
    with pytest.raises(SourceError, match=words):
        list(git.fetch(EVER))
    assert [finding.ok for finding in git.check()] == [False]


def test_without_git_the_message_says_so(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SourceError, match="install git"):
        list(source(story.path).fetch(EVER))


def test_it_tells_what_it_is_set_to() -> None:
    assert list(source(Path("repo")).tells) == ["change"]
    assert list(source(Path("repo"), documents=["*.md"]).tells) == ["change", "entry"]
    assert source(Path("repo"), deployments="none", pull_requests=False).tells == {}


@pytest.mark.parametrize("wrong", [{"branch": "--output=/etc/x"}, {"hotfix_pattern": "("}])
def test_settings_that_cannot_be_meant_are_refused(tmp_path: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        GitSettings(path=tmp_path, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("path", "pattern", "expected"), [
    ("docs/a.md", "docs/*.md", True), ("docs/x/a.md", "docs/*.md", False), ("docs/x/a.md", "docs/**/*.md", True),
    ("docs/a.md", "docs/**/*.md", True), ("docs/x/y", "docs/**", True), ("README.md", "README?md", True),
    ("READMExmd", "README.md", False),
])  # fmt: skip
def test_globs_are_read_as_git_reads_them(path: str, pattern: str, expected: bool) -> None:
    assert fits(path, [pattern]) is expected
