"""``python -m bench.usual_tune``: what becomes of the usual order when one of its figures changes.

Its worlds are of other seeds than those of the benchmark, so that figures that are chosen by it are
not fitted to what is published. Each line is one figure changed and all others as they are in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import repeat

from bench.usual_replay import replay, share, with_weights
from cordboard.orders.usual import FIRST, OTHERS, Weights

SEEDS, EACH = (101, 102, 103), 4
TRIED: dict[str, tuple[float, ...]] = {
    "half_life": (1, 1.5, 2.5, 4, 6, 10, 20, 50),
    "sharpness": (0, 3, 6, 10, 20),
    "far": (0, 0.03, 0.1, 0.3),
    "same_kind": (0.3, 0.6, 0.8, 1),
    "other_kind": (0, 0.1, 0.3, 1),
}


def variants(weights: Weights) -> Iterator[tuple[str, Weights]]:
    """In use, and each figure changed by itself."""
    yield "as in use", weights
    for name, values in TRIED.items():
        for value in values:
            if value != getattr(weights, name):
                yield f"{name} {value:g}", replace(weights, **{name: value})


def judge(first: Weights, others: Weights) -> tuple[float, float]:
    """How often the first suggestion is right, and one of three."""
    policies = with_weights(first, others)
    shown = [one for seed in SEEDS for one in replay(seed, EACH, policies)]
    return share(shown, "ours", 1), share(shown, "ours", 3)


def main() -> None:
    """Print both tables."""
    with ProcessPoolExecutor() as pool:
        named = list(variants(FIRST))
        found = pool.map(judge, (weights for _, weights in named), repeat(OTHERS))
        for (name, _), (first, _) in zip(named, found, strict=True):
            print(f"FIRST   {name:16} first suggestion {first:.2%}", flush=True)
        named = list(variants(OTHERS))
        found = pool.map(judge, repeat(FIRST), (weights for _, weights in named))
        for (name, _), (_, three) in zip(named, found, strict=True):
            print(f"OTHERS  {name:16} first three {three:.2%}", flush=True)


if __name__ == "__main__":
    main()
