"""GitHub's own rules for CODEOWNERS; every expectation is read off its documentation's example by hand."""

from __future__ import annotations

import pytest

from collectors.codeowners import deciding, owners, parse, team, team_of_all

FILE = r"""
# who is asked
*            @acme/platform @pat
*.sql        @acme/analytics  # all SQL, anywhere
/build/logs/ @acme/ops
docs/*       docs@example.invalid
apps/        @acme/apps
/dags/       @acme/airflow
/dags/open
**/seeds     @acme/seeds
/models/**/finance/*.sql @acme/finance
a\ b.txt     @acme/spaces
!nothing     @acme/no
[ab].md      @acme/no
\#hash       @acme/no
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", "platform"),
        ("deep/er/x.sql", "analytics"),
        ("build/logs/one/two.txt", "ops"),
        ("other/build/logs/one.txt", "platform"),  # anchored at the top
        ("docs/one.txt", None),  # a person's address: nobody's team
        ("docs/sub/one.txt", "platform"),  # docs/* is not nested
        ("any/apps/sub/x.py", "apps"),  # a folder at any depth
        ("dags/x.py", "airflow"),
        ("dags/open", None),  # owners taken away
        ("dags/open/x.py", None),
        ("dags/opened.py", "airflow"),
        ("dbt/seeds/a/b.csv", "seeds"),
        ("seeds", "seeds"),
        ("models/finance/x.sql", "finance"),
        ("models/a/b/finance/x.sql", "finance"),
        ("models/finance/deeper/x.sql", "analytics"),
        ("some/a b.txt", "spaces"),
        ("nothing", "platform"),
        ("a.md", "platform"),
        ("#hash", "platform"),
    ],
)
def test_the_last_rule_that_matches_decides(path: str, expected: str | None) -> None:
    assert team(parse(FILE), path) == expected
    assert team(parse(FILE), "/" + path) == expected


def test_owners_are_told_as_written_and_teams_by_their_name_here() -> None:
    rules = parse(FILE)
    assert owners(rules, "README.md") == ("@acme/platform", "@pat")
    assert team(rules, "README.md", {"platform": "core-data"}) == "core-data"
    rule = deciding(rules, "dags/x.py")
    assert rule is not None and (rule.pattern, rule.line) == ("/dags/", 8)
    assert deciding(parse("/a @acme/x"), "b") is None


def test_the_team_of_most_paths() -> None:
    rules = parse("*.py @acme/b\n*.sql @acme/a\n*.md @pat")
    assert team_of_all(rules, ["1.py", "2.py", "3.sql"]) == "b"
    assert team_of_all(rules, ["1.py", "3.sql", "x.md"]) == "a"  # as many: the first by name
    assert team_of_all(rules, ["x.md", "x.txt"]) is None
