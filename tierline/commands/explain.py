"""``tierline explain``: the formula and the facts behind a number."""

from __future__ import annotations

from typing import Any

import click

from tierline.asking import query, query_options
from tierline.commands import Door, now, print_json
from tierline.tables import pairs, table

MOST_LISTED = 40
"""Facts a table shows; JSON holds all that the engine tells."""


@click.command("explain", short_help="The formula and the facts behind a number.")
@click.argument("kpi")
@query_options
@click.pass_obj
def command(door: Door, /, kpi: str, form: str, **asked: Any) -> None:
    """The formula, what was left out and why, and the facts behind the number, worst first."""
    with door.engine() as engine:
        told = engine.explain(kpi, query(asked), now())
    if form == "json":
        print_json(told)
    else:
        _print(told)


def _print(told: dict[str, Any]) -> None:
    from dashboards import answering, scope, sentences
    from dashboards import format as shown

    result = told["result"]
    status = shown.status(result["status"])
    click.echo(f"{result['title']}: {shown.value(result)}  {status.shape} {status.word}\n")
    window = f"{result['window']['name']}: {result['window']['start']} to {result['window']['end']}"
    entry = scope.headline(result, None)
    target = sentences.target(entry, result) if entry else None
    rows = [("window", window), ("target", target), ("formula", told["formula"]), ("figures", told["figures"])]
    rows += [("not counted", told.get("not_counted") or None), *answering.beside(result)]
    click.echo(pairs(rows))
    _left_out("excluded", told["excluded"])
    _left_out("unknown", told["unknown"])
    _facts(told)


def _why(fact: dict[str, Any]) -> str:
    """Its reason, what was corrected, and what it began with."""
    from dashboards import answering

    began = answering.began(fact)
    parts = (fact["reason"], answering.corrected(fact), began and f"began with {began}")
    return "; ".join(filter(None, parts))


def _left_out(word: str, parts: list[dict[str, Any]]) -> None:
    if parts:
        click.echo(f"\n{word}:")
        click.echo(pairs([(f"  {part['reason']}", part["n"]) for part in parts]))


def _facts(told: dict[str, Any]) -> None:
    facts = told["facts"][:MOST_LISTED]
    if not facts:
        click.echo("\nno facts stand behind it")
        return
    rows = [[one["verdict"], one["asset"], one["at"], _why(one), one["url"] or one["id"]] for one in facts]
    click.echo(f"\n{len(facts)} of {told['facts_total']} facts, worst first:\n")
    click.echo(table(("", "asset", "at", "why", "where"), rows))
