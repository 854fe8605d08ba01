"""``phone``: a telephone on the command line, to take part in a call without a softphone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cordboard.cli.tools import must_answer
from cordboard.settings import Settings, load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from cordboard.sipp.called import Called

#: It rings for so long before it answers by itself, milliseconds: long enough to be seen ringing.
RING_MS = 2000
#: A phone is left lying for so long at most, and stays registered for so long, seconds.
LONGEST_S, REGISTERED_S = 8 * 3600, 7200


@click.command()
@click.argument("agent", default="")
def phone(agent: str) -> None:
    """Answer calls here: those to AGENT (a user name of the demo world, like gus).

    Without AGENT, those to anybody outside: any number that a visitor leaves, and agents who work
    at a telephone number. It answers by itself. What you type is keyed (# signs an agent on, *12#
    shows a page); Enter alone hangs up; Ctrl-D puts the phone away.
    """
    from cordboard.sipp.hand import Hand
    from cordboard.sipp.waiting import Late

    settings = load_settings()
    must_answer(settings, "asterisk")
    with _agents_phone(settings, agent) if agent else _outside(settings) as called:
        click.echo("Type keys and Enter; Enter alone hangs up; Ctrl-D ends.")
        try:
            Hand(called, click.echo).hold()
        except KeyboardInterrupt:
            click.echo("")
        except Late as late:
            raise StackError(f"the telephone is stuck: {late}", "Start it again.") from late
        if not called.run.running:
            raise StackError(f"SIPp has ended: {called.run.complaint()}", "Start it again.")


@contextmanager
def _agents_phone(settings: Settings, agent: str) -> Iterator[Called]:
    from cordboard.sipp import Phone

    name = f"phone-{agent.removeprefix('phone-')}"
    held = Phone(settings, name, ring_ms=RING_MS)
    held.run.longest_s = LONGEST_S
    try:
        held.plug_in(REGISTERED_S)
    except AssertionError as error:
        held.cut()
        raise StackError(
            f"{name} could not register", "README.md lists the agents who have a phone."
        ) from error
    click.echo(f"{name} is registered. Log in to {settings.web} as its agent, choose Available.")
    try:
        yield held
    finally:
        held.unplug()


@contextmanager
def _outside(settings: Settings) -> Iterator[Called]:
    from cordboard.sipp import Exchange
    from cordboard.sipp.ports import is_bound

    if is_bound(settings.port("trunk")):
        raise StackError(
            "somebody else is at the other end of the trunk",
            "End the other 'cordboard phone', 'make demo' or test of this instance first.",
        )
    exchange = Exchange(settings)
    anybody = exchange.anybody(ring_ms=RING_MS)
    exchange.start(LONGEST_S)
    click.echo("Any number outside is answered here, like the +1 312 555 0171 of a visitor.")
    try:
        yield anybody
    finally:
        exchange.close()


COMMANDS = (phone,)
