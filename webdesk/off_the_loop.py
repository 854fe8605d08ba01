"""Work that takes a processor for longer than a stream may stand still."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from gevent import get_hub
from gevent.monkey import is_module_patched

P = ParamSpec("P")
R = TypeVar("R")


def off_the_loop(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What ``work`` answers; in a gevent worker it runs in a real thread.

    It may use nothing of the request, and no connection: those belong to the loop.
    """
    if not is_module_patched("threading"):
        return work(*args, **kwargs)
    found: R = get_hub().threadpool.apply(work, args, kwargs)
    return found
