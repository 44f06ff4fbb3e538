"""The command line: `mldebt scan` and the commands beside it. Every command imports what it needs when it runs."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
import traceback
from typing import Any

import click

from mldebt import __version__
from mldebt.core import MldebtError

_COMMANDS = ("scan", "baseline", "graph", "config", "explain", "checks", "init", "settings")
_COULD_NOT_RUN = 2
_INTERRUPTED = 130


class _Program(click.Group):
    """Loads a command when it is asked for, and keeps to four exit codes: 0 clean, 1 findings, 2 could not run, 130 interrupted."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            _suggest(cmd_name)
            return None
        command: click.Command = importlib.import_module(f"mldebt.cli.{cmd_name}").command
        return command

    def main(self, *args: Any, **extra: Any) -> Any:
        if not extra.get("standalone_mode", True):
            return super().main(*args, **extra)
        if not args and extra.get("args") is None:
            _end_without_collection()
        try:
            status = super().main(*args, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            status = _COULD_NOT_RUN
        except click.ClickException as error:
            from mldebt.cli.style import say

            say(f"mldebt: error: {_in_one_line(error)}")
            status = _COULD_NOT_RUN
        except MldebtError as error:
            from mldebt.cli.style import say

            say(f"mldebt: error: {error}")
            status = _COULD_NOT_RUN
        except (click.Abort, KeyboardInterrupt):
            from mldebt.cli.style import say

            say("mldebt: interrupted")
            status = _INTERRUPTED
        except Exception:  # a bug in mldebt keeps its traceback, and must not look like findings
            traceback.print_exc()
            status = _COULD_NOT_RUN
        sys.exit(status if isinstance(status, int) else 0)


def _suggest(name: str) -> None:
    """Raises with what was meant by a command that there is not, if anything comes to mind."""
    from mldebt.settings import near_miss

    if os.path.exists(name):  # noqa: PTH110 - never raises
        raise click.UsageError(f"no command '{name}'; did you mean 'mldebt scan {name}'?")
    if near := near_miss(name, _COMMANDS):
        raise click.UsageError(f"no command '{name[:80]}'{near}")


def _in_one_line(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else "mldebt"
    return f"{message[:1].lower()}{message[1:]}; see {command} --help" if isinstance(error, click.UsageError) else message


def _end_without_collection() -> None:
    """A process that runs one command gives its memory back as a whole: neither the rest of it nor its end walks what a scan has made."""
    gc.disable()
    atexit.register(gc.freeze)


@click.group(cls=_Program, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "MLDEBT"})
@click.version_option(__version__, "-V", "--version", prog_name="mldebt", message="%(prog)s %(version)s")
def main() -> None:
    """Finds machine-learning technical debt in a whole repository and shows the evidence."""
