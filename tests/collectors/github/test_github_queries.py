"""What the GraphQL queries ask for exists in GitHub's schema, as far as an excerpt of it is here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from collectors.github.queries import ABOUT, DEPLOYMENTS, PULLS

SCHEMA = Path(__file__).parents[3] / "../shared/specs/github/github-graphql-deployments.excerpt.graphql"


def fields(kind: str) -> set[str]:
    """The fields of a type in the schema's text."""
    if not SCHEMA.exists():
        pytest.skip(f"{SCHEMA.name} is not here: an excerpt of GitHub's GraphQL schema")
    block = re.search(rf"^type {kind} (?:implements \w+ )?\{{(.*?)^\}}", SCHEMA.read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    return set(re.findall(r"^  (\w+)(?:\(|:)", block[1], re.MULTILINE))


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("Deployment", {"databaseId", "createdAt", "commitOid", "statuses"}),
        ("DeploymentStatus", {"state", "createdAt"}),
        ("DeploymentConnection", {"nodes", "pageInfo"}),
        ("PageInfo", {"hasNextPage", "endCursor"}),
    ],
)
def test_every_field_of_the_query_is_one_of_the_schemas(kind: str, asked: set[str]) -> None:
    assert asked <= fields(kind)
    assert all(re.search(rf"\b{name}\b", DEPLOYMENTS) for name in asked)


def test_the_queries_are_graphql_and_declare_what_they_use() -> None:
    graphql = pytest.importorskip("graphql")
    declared = {}
    for name, query in {"about": ABOUT, "deployments": DEPLOYMENTS, "pulls": PULLS}.items():
        (operation,) = graphql.parse(query).definitions
        declared[name] = {one.variable.name.value for one in operation.variable_definitions}
        assert declared[name] == set(re.findall(r"\$(\w+)", query))
    both = {"owner", "name"}
    assert declared == {
        "about": both, "deployments": both | {"after", "environments"}, "pulls": both | {"after", "branch"},
    }  # fmt: skip
