"""``tierline new source NAME`` and ``tierline new kpi ID``: the beginning of a collector or of a KPI of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import click

from slo.errors import ConfigError
from tierline.commands import config_option

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


@click.group("new", short_help="Begin a collector or a KPI of your own.")
@config_option
def command() -> None:
    """Begin something of your own."""


@command.command("source", short_help="A collector: file, test and golden folder.")
@click.argument("name")
@click.option("--title", help="What people call the system; by default made from NAME.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="The folder; by default this one inside "
              "a checkout of Tierline, else ./tierline-NAME.")  # fmt: skip
def source(name: str, title: str | None, into: Path | None) -> None:
    """Write a collector NAME that works against made-up answers, with its test and its case.

    Inside a checkout of Tierline it goes on the shelf (collectors/sources/). Anywhere else it is a small package, found
    by its entry point once it is installed. It passes the contract suite at once; make it the vendor's from there.
    """
    from tierline.scaffold.source import files

    _check(name)
    shelf = (into or Path()) / "collectors" / "sources" / "__init__.py"
    folder = into or (Path() if shelf.is_file() else Path(f"tierline-{name}"))
    texts = files(name, title or name.replace("_", " ").capitalize(), shelf.is_file())
    _write(folder, texts, "--into DIR")
    click.echo(_next(name, folder, shelf.is_file()))


@command.command("kpi", short_help="A KPI: a file with a query, or a small package.")
@click.argument("name", metavar="ID")
@click.option("--title", help="What people call it; by default made from ID.")
@click.option("--python", is_flag=True, help="A class in a package of its own, in ./tierline-ID, in place of a query.")
def kpi(name: str, title: str | None, python: bool) -> None:
    """Write a KPI ID that works as it is: kpis/ID.yaml with a query, or with --python a package with its test.

    Tierline finds the file beside tierline.yaml, and the package by its entry point once it is installed.
    """
    from slo.shelf import shelf
    from tierline.scaffold.kpi import files

    if not _NAME.fullmatch(name) or name in shelf():
        reason = "is taken" if name in shelf() else "is no id"
        raise ConfigError(f"{name!r} {reason}; write small letters, digits and _, such as invoices_matched")
    folder = Path(f"tierline-{name}") if python else Path()
    _write(folder, files(name, title or name.replace("_", " ").capitalize(), python), "another folder")
    click.echo(_KPI_NEXT[python].format(folder=folder, name=name))


_KPI_NEXT = {
    False: "\nNext: name your database under `sources:` (type: sql), put your words and query into the file, then\n"
           "tierline check --connect; tierline collect; tierline show {name}",
    True: "\nNext: cd {folder}; pip install -e . ; pytest; then put your facts and judgement into tierline_{name}.py.\n"
          "Once installed: tierline show {name}",
}  # fmt: skip


def _write(folder: Path, texts: dict[str, str], elsewhere: str) -> None:
    """Writes files and names them. Raises ConfigError, and writes nothing, where one is there."""
    if there := [str(folder / path) for path in texts if (folder / path).exists()]:
        raise ConfigError(f"{there[0]} is there already; nothing was written. Choose another name, or {elsewhere}")
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
        click.echo(folder / path)


def _check(name: str) -> None:
    """Raises ConfigError for a name that is taken, or that is no word."""
    from collectors import registry

    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name for a source; write small letters, digits and _, such as my_warehouse")
    if name in registry.names():
        raise ConfigError(
            f"source {name!r} is there already; choose another name (`tierline plugins` lists those taken)"
        )


def _next(name: str, folder: Path, shelf: bool) -> str:
    test = f"pytest tests/contracts tests/collectors/test_{name}.py -k {name}"
    if shelf:
        return f"\nNext: {test}; then put the vendor's paths and fields into collectors/sources/{name}.py."
    return (f"\nNext: cd {folder}; pip install -e . ; pytest; then put the vendor's paths and fields into "
            f"tierline_{name}.py. Once installed it is `type: {name}`.")  # fmt: skip
