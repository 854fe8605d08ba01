"""``up``, ``down``, ``status``, ``log``, ``doctor``: the stack itself."""

from __future__ import annotations

import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

import click

from cordboard.cli.same_offers import VARIABLE
from cordboard.settings import Settings, load_settings
from cordboard.stack import components, paths, supervisor
from cordboard.stack.doctor import examine
from cordboard.stack.down import down as take_down
from cordboard.stack.errors import StackError
from cordboard.stack.status import as_json
from cordboard.stack.status import status as ask_status
from cordboard.stack.up import up as bring_up

COMPONENT = click.Choice(components.NAMES)


@click.command()
@click.argument("component", type=COMPONENT, nargs=-1)
def up(component: tuple[str, ...]) -> None:
    """Bring the stack up, or only the COMPONENTs named; a second time mends what is missing."""
    settings = bring_up(load_settings(), click.echo, component or components.NAMES)
    click.echo(f"{settings.instance} is up: {settings.web}")
    click.echo("Next: 'cordboard status', 'cordboard doctor', 'cordboard log COMPONENT -f'.")


@click.command()
def down() -> None:
    """Stop everything that `up` started. What was stored stays."""
    settings = load_settings()
    stopped = take_down(settings, click.echo)
    was = "is down" if stopped else "was not up"
    click.echo(
        f"{settings.instance} {was}. Its data stays in {settings.run}; 'cordboard up' goes on."
    )


@click.command()
@click.option("--json", "in_json", is_flag=True, help="For programs.")
def status(in_json: bool) -> None:
    """Show each component, its address, and whether it answers; exit code 1 when one does not."""
    settings = load_settings()
    found = ask_status(settings)
    if in_json:
        click.echo(json.dumps(as_json(settings, found), indent=2))
    else:
        for name, state in found.items():
            click.echo(f"{name:9} {state.state:8} {state.address}  {state.problem}".rstrip())
        if offers := offers_line(settings):
            click.echo(offers)
        if found["asterisk"].where == "local":
            click.echo(f"SIP phones register at 127.0.0.1:{settings.port('sip')}, over UDP.")
    bad = [name for name, state in found.items() if state.state != "ok"]
    if bad and not in_json:
        click.echo(f"Next: 'cordboard up' mends it, 'cordboard log {bad[0]}' tells why.")
    sys.exit(1 if bad else 0)


def offers_line(settings: Settings) -> str:
    """Where offers are when they have a database of their own; empty when they have none."""
    if settings.is_split:
        at = urlsplit(settings.offers_database)
        host = at.hostname or parse_qs(at.query).get("host", ["this machine"])[0]
        return f"Offers are in a database of their own: {at.path.strip('/')} at {host}."
    if supervisor.started_with(settings, VARIABLE):
        return f"The stack has offers in a database of their own; {VARIABLE} is not set here."
    return ""


@click.command()
@click.argument("component", type=click.Choice([*components.NAMES, "supervisord"]), required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written.")
@click.option("-n", "--lines", default=40, show_default=True, help="How many lines to begin with.")
def log(component: str | None, follow: bool, lines: int) -> None:
    """Show the last lines that COMPONENT, or every component, logged."""
    settings = load_settings()
    names = [component] if component else list(components.NAMES)
    files = [paths.log_file(settings, name) for name in names]
    present = [str(path) for path in files if path.exists()]
    if not present:
        raise StackError(f"{settings.instance} has logged nothing yet", "Run 'cordboard up'.")
    options = ["-F"] if follow else []
    os.execvp("tail", ["tail", "-n", str(lines), *options, *present])  # noqa: S606


@click.command()
def doctor() -> None:
    """Examine the machine and the stack; exit code 1 when something has to be done."""
    sick = False
    for finding in examine(load_settings()):
        mark = "ok  " if finding.ok else "FIX "
        click.echo(f"{mark}{finding.subject}: {finding.said}")
        if not finding.ok:
            click.echo(f"      {finding.hint}")
        sick = sick or not finding.ok
    if not sick:
        click.echo("Nothing to do.")
    sys.exit(1 if sick else 0)


COMMANDS = (up, down, status, log, doctor)
