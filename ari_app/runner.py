"""Runs a call's flow: step after step, the name of each stored before what it does.

``CallHungUp`` may come out of any verb and is caught here, once; the flow's clean-up follows. When
the app itself stops, the task is cancelled without clean-up: the next run adopts the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ari_app.call import Call, CallHungUp
from ari_app.client import AriError
from ari_app.flow import END, Flow

#: How often a step that fails is run before the flow gives up.
TRIES = 3
#: How often a part of the clean-up that fails is run.
CLEAN_UP_TRIES = 2
#: Seconds between those tries.
AGAIN_S = 0.5


async def run(flow: Flow, call: Call) -> None:
    """Run a flow from the call's stored step, or from the beginning, to its clean-up."""
    try:
        await _run_steps(flow, call)
    except CallHungUp:
        call.log.info("call.left", step=call.state.step)
    except Exception:
        call.log.exception("call.flow_failed", step=call.state.step)
        await _give_up(flow, call)
    for part in flow.clean_up:
        await _clean_up(part, call)


async def _run_steps(flow: Flow, call: Call) -> None:
    name = call.state.step or flow.steps[0].__name__
    while name != END:
        call.state.step = name
        # In Redis it comes before whatever the step itself stores; nobody has to wait for it.
        call.state.queue_save(call.services.bus.pipe)
        call.log.debug("call.step", step=name)
        name = await _run_step(flow, call, name) or flow.after(name)


async def _run_step(flow: Flow, call: Call, name: str) -> str | None:
    """One step; when Asterisk could not do a command it is run again, which every step may be."""
    for attempt in range(1, TRIES + 1):
        try:
            return await flow.step(name)(call)
        except AriError as error:
            if attempt == TRIES:
                raise
            call.log.warning("call.step_again", step=name, attempt=attempt, error=str(error))
            # Before contact the caller may turn out to have left, which ends this; after it, what
            # is to be done is done without the caller.
            talked = bool(call.state.connected_ms)
            await call.until(lambda: False, within=AGAIN_S, without_caller=talked)
    return None


async def _give_up(flow: Flow, call: Call) -> None:
    try:
        await flow.give_up(call)
    except (AriError, CallHungUp) as error:
        call.log.error("call.given_up", error=repr(error))
    except Exception:
        call.log.exception("call.given_up")


async def _clean_up(part: Callable[[Call], Awaitable[None]], call: Call) -> None:
    """One part of the clean-up, once more when it fails: nobody else would free who is bound."""
    for _ in range(CLEAN_UP_TRIES):
        try:
            await part(call)
        except Exception:
            call.log.exception("call.clean_up_failed", part=part.__name__, step=call.state.step)
            await asyncio.sleep(AGAIN_S)
        else:
            return
