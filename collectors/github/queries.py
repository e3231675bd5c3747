"""The GraphQL queries: each saves a REST call an object (a deployment's statuses, a pull request's lines and files)."""

from __future__ import annotations

_HEAD = "query($owner: String!, $name: String!"
_REPOSITORY = "rateLimit { cost remaining resetAt } repository(owner: $owner, name: $name)"

ABOUT = f"""{_HEAD}) {{ {_REPOSITORY} {{
  url
  defaultBranchRef {{ name }}
  first: object(expression: "HEAD:.github/CODEOWNERS") {{ ... on Blob {{ text }} }}
  second: object(expression: "HEAD:CODEOWNERS") {{ ... on Blob {{ text }} }}
  third: object(expression: "HEAD:docs/CODEOWNERS") {{ ... on Blob {{ text }} }}
}} }}"""

DEPLOYMENTS = f"""{_HEAD}, $after: String, $environments: [String!]) {{ {_REPOSITORY} {{
  listing: deployments(
    first: 100, after: $after, environments: $environments, orderBy: {{field: CREATED_AT, direction: DESC}}
  ) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      databaseId createdAt commitOid
      statuses(first: 100) {{ pageInfo {{ hasNextPage }} nodes {{ state createdAt }} }}
    }}
  }}
}} }}"""

PULLS = f"""{_HEAD}, $after: String, $branch: String!) {{ {_REPOSITORY} {{
  listing: pullRequests(
    first: 50, after: $after, states: [MERGED], baseRefName: $branch, orderBy: {{field: UPDATED_AT, direction: DESC}}
  ) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      number title url body mergedAt updatedAt additions deletions
      mergeCommit {{ oid }}
      labels(first: 20) {{ nodes {{ name }} }}
      files(first: 100) {{ nodes {{ path }} }}
    }}
  }}
}} }}"""
