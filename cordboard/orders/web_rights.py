"""What a client may order on the web: all, or what nobody else can suffer from. No I/O."""

from __future__ import annotations

from collections.abc import Sequence


def methods(possible: Sequence[str], *, proved: bool) -> tuple[str, ...]:
    """Delivery methods: whose number is only typed has to come and get it."""
    return tuple(one for one in possible if proved or one == "pick_up")


def billing(allowed: Sequence[str], *, proved: bool, provider: bool) -> tuple[str, ...]:
    """Ways to pay, the usual one first; whose number is only typed pays on the spot.

    Args:
        allowed: the client's, as ``order_facts_v1`` has them.
        proved: a code that was spoken in a call linked the browser.
        provider: somebody takes payments by a link.
    """
    if not proved:
        return ("on_delivery",)
    return tuple(one for one in allowed if one != "payment_link" or provider) or ("on_delivery",)
