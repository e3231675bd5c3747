"""The command ``tierline``. Each command is a file under ``commands/`` and imports what it needs when it runs, so that
``tierline --help`` is quick."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from slo.errors import ConfigError, TierlineError
from tierline.commands import Door, config_option

COMMANDS = (
    "init", "demo", "check", "collect", "facts", "evaluate", "kpis", "coverage", "adopt", "scorecard", "show",
    "explain", "alerts", "incidents", "whatif", "suggest", "baseline", "assets", "serve", "notify", "digest",
    "report", "dispute", "close", "ledger", "export", "history", "rules", "openslo", "plugins", "new",
)  # fmt: skip
"""In the order a newcomer meets them; each is ``tierline.commands.<name>.command``."""

FINE, FAILED, WRONG, STOPPED = 0, 1, 2, 130


class _Commands(click.Group):
    """A group whose members are loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"tierline.commands.{cmd_name}").command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(None, "-V", "--version", package_name="tierline", message="tierline %(version)s")
@config_option
def tierline() -> None:
    """How is the data platform doing, and how do you know?

    Settings are read from --config, else ./tierline.yaml, else config/tierline.yaml; TIERLINE_STORE overrides the
    store.

    Exit codes: 0 fine; 1 a source failed or a line was set aside; 2 wrong use or wrong settings.
    """


def _tell(message: str) -> None:
    for line in message.splitlines() or [""]:
        click.echo(f"error: {line}", err=True)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code; every error is one clear message on stderr."""
    try:
        result = tierline.main(args=arguments, prog_name="tierline", standalone_mode=False, obj=Door())
        return result if isinstance(result, int) else FINE
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG
    except ConfigError as error:
        _tell(str(error))
        return WRONG
    except TierlineError as error:
        _tell(str(error))
        return FAILED
    except (KeyboardInterrupt, click.Abort):
        _tell("stopped; what was stored stays, the next run continues")
        return STOPPED
    except SystemExit:
        # So click leaves when whoever read us has gone (`tierline ... | head`): nothing to say, and nothing is wrong.
        return FINE
    except OSError as error:
        _tell(f"{error.filename or 'the system'}: {error.strerror or error}")
        return FAILED
    except Exception as error:
        if os.environ.get("TIERLINE_DEBUG"):
            raise
        _tell(f"unexpected: {type(error).__name__}: {error}; set TIERLINE_DEBUG=1 to see where, and report it")
        return FAILED


def main() -> NoReturn:
    """The console script."""
    sys.exit(run())


if __name__ == "__main__":
    main()
