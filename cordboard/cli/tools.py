"""``calls``, ``sql``, ``redis``, ``asterisk``: looking into a running stack."""

from __future__ import annotations

import os
import urllib.parse

import click

from cordboard.cli.listing import show
from cordboard.settings import Settings, load_settings
from cordboard.stack import components, ready, sandbox
from cordboard.stack.errors import StackError
from cordboard.stack.rootfs import find_root

#: Arguments after the command's own name go to the program as they are, options too.
PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


@click.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sql(arguments: tuple[str, ...]) -> None:
    """Open psql on the database, with psql's own ARGUMENTS (-c 'SELECT …')."""
    settings = load_settings()
    must_answer(settings, "postgres")
    _run(["psql", *arguments], _libpq_variables(settings.database))


def _libpq_variables(url: str) -> dict[str, str]:
    """The connection as psql takes it from its environment."""
    from psycopg.conninfo import conninfo_to_dict

    known = conninfo_to_dict(url)
    names = {"dbname": "DATABASE", "sslmode": "SSLMODE", "sslrootcert": "SSLROOTCERT"}
    return {
        f"PG{names.get(key, key.upper())}": str(value)
        for key, value in known.items()
        if key in ("host", "port", "user", "password", *names)
    }


@click.command(context_settings=PASS_ON)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def redis(arguments: tuple[str, ...]) -> None:
    """Open redis-cli on the live state, with redis-cli's own ARGUMENTS."""
    settings = load_settings()
    must_answer(settings, "redis")
    parts = urllib.parse.urlsplit(settings.redis)
    command = ["redis-cli", "-h", parts.hostname or "", "-p", str(parts.port or 6379)]
    command += ["-n", parts.path.strip("/") or "0"]
    command += ["--user", parts.username] if parts.username else []
    command += ["--tls"] if parts.scheme == "rediss" else []
    password = {"REDISCLI_AUTH": parts.password} if parts.password else {}
    _run([*command, *arguments], password)


@click.command(context_settings=PASS_ON)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def asterisk(command: tuple[str, ...]) -> None:
    """Run one Asterisk CLI COMMAND ('core show channels'), or open its console."""
    settings = load_settings()
    if "asterisk" in components.elsewhere(settings):
        raise StackError(
            f"this Asterisk runs elsewhere: {settings.ari}",
            "Use 'asterisk -r' on its own machine.",
        )
    must_answer(settings, "asterisk")
    root = find_root()
    if root is None:
        raise StackError("Asterisk is not there", "Run 'make setup'.")
    line = " ".join(command) if command else None
    _run(sandbox.console_command(settings, root, line), {})


@click.command()
@click.option("--json", "in_json", is_flag=True, help="Every field, for programs.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def calls(in_json: bool, limit: int) -> None:
    """Show the latest calls, newest first."""
    import psycopg

    from db.calls import recent_calls

    settings = load_settings()
    must_answer(settings, "postgres")
    with psycopg.connect(settings.database) as connection:
        found = recent_calls(connection, limit)
    show(
        found,
        _one_line,
        in_json=in_json,
        nothing="No calls yet. 'make demo' plays three; README.md tells which numbers to dial.",
    )


def _one_line(call: dict[str, object]) -> str:
    fields = ("started", "subscriber", "direction", "ani", "dnis", "state", "outcome")
    return "  ".join(str(call.get(field) or "-") for field in fields)


def must_answer(settings: Settings, name: str) -> None:
    """Raise a StackError when this part of the stack does not answer."""
    problem = ready.problem(settings, name)
    if problem:
        raise StackError(f"{name} does not answer: {problem}", "Run 'cordboard up' first.")


def _run(command: list[str], environment: dict[str, str]) -> None:
    """Become ``command``; secrets go by its environment, so that no process list shows them."""
    try:
        os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606
    except FileNotFoundError:
        raise StackError(f"{command[0]} is not installed", "Run 'make setup'.") from None


COMMANDS = (calls, sql, redis, asterisk)
