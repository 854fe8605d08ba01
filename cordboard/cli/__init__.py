"""The ``cordboard`` command line: the local stack, and looking into it."""

from __future__ import annotations

import sys

import click
import pydantic

from cordboard.cli import (
    deploy,
    offers,
    outbox,
    phone,
    stack,
    staff,
    strategies,
    subscribers,
    tools,
    train,
    webhooks,
)
from cordboard.settings import UnknownInstance
from cordboard.stack.errors import StackError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cordboard")
def cli() -> None:
    """Run a contact centre on this machine and look into it.

    CORDBOARD_INSTANCE names the stack (default: dev); stacks of other names run beside it.
    """


for module in (
    stack,
    tools,
    deploy,
    subscribers,
    staff,
    webhooks,
    outbox,
    offers,
    train,
    strategies,
    phone,
):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Run the command line; an error is one line and what to do, with exit code 1."""
    try:
        cli()
    except (StackError, UnknownInstance) as error:
        _fail(str(error))
    except pydantic.ValidationError as error:
        for problem in error.errors():
            name = "_".join(map(str, problem["loc"])).upper()
            click.echo(f"cordboard: CORDBOARD_{name}: {problem['msg']}", err=True)
        sys.exit(1)


def _fail(message: str) -> None:
    click.echo(f"cordboard: {message}", err=True)
    sys.exit(1)
