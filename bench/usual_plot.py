"""Draws for the docs who suggests what is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.learn_plot import STYLES
from bench.plot import draw_into
from bench.usual_replay import AFTER_CHANGE, Shown, share
from bench.usual_world import KINDS
from cordboard.settings import ROOT
from cordboard.stack.progress import Say

FILE = ROOT / ".run" / "usual.svg"

LABELS = {"ours": "Cordboard", "frequent": "most frequent ever", "last": "ordered last"}
LOOKS = {
    "ours": (*STYLES["ours"], "o"),
    "frequent": (*STYLES["value"], "s"),
    "last": (*STYLES["random"], "D"),
}


def draw(shown: Sequence[Shown], say: Say) -> None:
    """The first suggestion by kinds of clients, and order by order after a change of taste."""

    def both(plt: Any) -> Any:
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
        _kinds(left, shown)
        _changes(right, shown)
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
        return figure

    draw_into(FILE, both, say)


def _kinds(axes: Any, shown: Sequence[Shown]) -> None:
    """A row a kind, with the share of each policy on it."""
    rows = [[one for one in shown if one.kind == kind] for kind in KINDS]
    places = list(range(len(KINDS), 0, -1))
    for name, (color, _, marker) in LOOKS.items():
        shares = [share(row, name, 1) for row in rows]
        axes.plot(shares, places, marker, color=color, label=LABELS[name], markersize=7)
    axes.set_yticks(places, list(KINDS))
    axes.grid(axis="y", linewidth=0.4, alpha=0.6)
    axes.set(xlim=(0, 1), title="The first suggestion is what is ordered", xlabel="share of orders")
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")


def _changes(axes: Any, shown: Sequence[Shown]) -> None:
    """A line a policy, by orders since the taste changed."""
    counts = list(range(1, AFTER_CHANGE + 1))
    by_count = [[one for one in shown if one.after_change == count] for count in counts]
    for name, (color, dash, marker) in LOOKS.items():
        shares = [share(row, name, 1) for row in by_count]
        axes.plot(counts, shares, dash, color=color, marker=marker, markersize=4, linewidth=2)
    axes.set(ylim=(0, 1), title="After a change of taste", xlabel="orders of the new taste")
    axes.set_xticks(counts)
    axes.yaxis.set_major_formatter(lambda y, _: f"{y:.0%}")
