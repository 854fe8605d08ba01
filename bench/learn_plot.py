"""Draws the course of learning for the docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bench.plot import draw_into
from cordboard.settings import ROOT
from cordboard.stack.progress import Say

FILE = ROOT / ".run" / "learning.svg"

LABELS = {
    "ours": "Cordboard: learned p × value, Thompson sampling",
    "value": "rank by value only",
    "random": "any eligible offer at random",
}
#: Readable on white and on black; also told apart by their dashes.
STYLES = {"ours": ("#2f6fde", "-"), "value": ("#d9822b", "--"), "random": ("#8a8f98", ":")}


def draw(courses: Sequence[Mapping[str, Sequence[float]]], block: int, say: Say) -> None:
    """Share of the oracle's value by contacts: each world, and the mean of them."""

    def course(plt: Any) -> Any:
        figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
        _lines(axes, courses, block)
        _goals(axes, block)
        axes.set(
            ylim=(0, 1.08), xlabel="contacts", ylabel="value of a contact, share of the oracle's"
        )
        axes.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.legend(loc="lower right", frameon=False)
        return figure

    draw_into(FILE, course, say)


def _goals(axes: Any, block: int) -> None:
    axes.axhline(1.0, color="#3a9d5d", linewidth=1.2)
    axes.annotate("oracle", (block, 1.0), (0, 4), textcoords="offset points", color="#3a9d5d")
    axes.axhline(0.9, color="#3a9d5d", linewidth=0.8, linestyle=(0, (2, 3)))
    axes.annotate("goal: 90 %", (block, 0.9), (0, 4), textcoords="offset points", color="#3a9d5d")


def _lines(axes: Any, courses: Sequence[Mapping[str, Sequence[float]]], block: int) -> None:
    for name, (color, dash) in STYLES.items():
        shares = np.array([np.divide(one[name], one["oracle"]) for one in courses])
        contacts = block * np.arange(1, shares.shape[1] + 1)
        for one in shares:
            axes.plot(contacts, one, color=color, alpha=0.25, linewidth=0.8)
        axes.plot(
            contacts, shares.mean(axis=0), color=color, linestyle=dash, linewidth=2.2,
            label=LABELS[name],
        )  # fmt: skip
