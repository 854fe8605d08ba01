"""The order of measuring: ours, peer, ours, peer (A B A B), so that both meet the same machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cordboard.stack.progress import Say

T = TypeVar("T")


def alternate(
    ours: Callable[[], T], peer: Callable[[], T], *, rounds: int, say: Say
) -> tuple[list[T], list[T]]:
    """Run both sides in turn, ``rounds`` times each; answer what each round of a side gave."""
    our_results: list[T] = []
    peer_results: list[T] = []
    for number in range(1, rounds + 1):
        say(f"  round {number} of {rounds}: ours …")
        our_results.append(ours())
        say(f"  round {number} of {rounds}: peer …")
        peer_results.append(peer())
    return our_results, peer_results
