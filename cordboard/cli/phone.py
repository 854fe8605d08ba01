"""``phone``: a telephone on the command line, to take part in a call without a softphone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cordboard.cli.tools import must_answer
from cordboard.settings import Settings, load_settings
from cordboard.stack.errors import StackError

if TYPE_CHECKING:
    from cordboard.sipp.called import Called
    from cordboard.sipp.hand import Telephone

#: It rings for so long before it answers by itself, milliseconds: long enough to be seen ringing.
RING_MS = 2000
#: A phone is left lying for so long at most, and stays registered for so long, seconds.
LONGEST_S, REGISTERED_S = 8 * 3600, 7200
#: What can be dialled from here, and be called from.
NUMBER = re.compile(r"\+?[0-9]{1,20}")


@click.command()
@click.argument("agent", default="")
@click.option("--dial", metavar="NUMBER", default="", help="Call this number instead.")
@click.option(
    "--from", "ani", metavar="NUMBER", default="", help="Calls from it; withheld without."
)
def phone(agent: str, dial: str, ani: str) -> None:
    """Answer calls here: those to AGENT (a user name of the demo world, like gus).

    Without AGENT, those to anybody outside: any number that a visitor leaves, and agents who work
    at a telephone number. It answers by itself. With --dial it calls, as somebody outside, and
    shows what is said. What you type is keyed (# signs an agent on, *12# shows a page); Enter
    alone hangs up; Ctrl-D puts the phone away.
    """
    settings = load_settings()
    _check(agent, dial, ani)
    must_answer(settings, "asterisk")
    if dial:
        _call(settings, dial, ani)
        return
    with _agents_phone(settings, agent) if agent else _outside(settings) as called:
        from cordboard.sipp.hand import Answering

        _hold(Answering(called))
        if not called.run.running:
            raise StackError(f"SIPp has ended: {called.run.complaint()}", "Start it again.")


def _check(agent: str, dial: str, ani: str) -> None:
    if agent and (dial or ani):
        raise click.UsageError("an agent's phone is called only; give AGENT or --dial, not both")
    if ani and not dial:
        raise click.UsageError("--from is the number that calls; say with --dial which it calls")
    for option, number in (("--dial", dial), ("--from", ani)):
        if number and not NUMBER.fullmatch(number):
            raise click.BadParameter("give a number like +12025550113", param_hint=option)


def _hold(telephone: Telephone) -> None:
    from cordboard.sipp.hand import Hand
    from cordboard.sipp.waiting import Late

    click.echo("Type keys and Enter; Enter alone hangs up; Ctrl-D ends.")
    try:
        Hand(telephone, click.echo).hold()
    except KeyboardInterrupt:
        click.echo("")
    except Late as late:
        raise StackError(f"the telephone is stuck: {late}", "Start it again.") from late


def _call(settings: Settings, dial: str, ani: str) -> None:
    from cordboard.sipp import Caller
    from cordboard.sipp.hand import Dialling
    from cordboard.sipp.overheard import Overheard

    caller = Caller(settings, dial, ani)
    caller.run.longest_s = LONGEST_S
    overheard = Overheard(settings, caller.sip_call_id).start()
    try:
        caller.dial()
        _hold(Dialling(caller, overheard))
        if status := caller.refusal():
            raise StackError(f"{dial} was not connected: {status}", "README.md lists what to dial.")
    finally:
        caller.close()
        overheard.close()


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
