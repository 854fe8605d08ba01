"""Drawings for the docs; matplotlib is a library of developers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cordboard.stack.progress import Say


def draw_into(file: Path, draw: Callable[[Any], Any], say: Say) -> None:
    """Keep the figure that ``draw`` makes of ``pyplot``; the same figures give the same file."""
    try:
        import matplotlib as mpl
    except ImportError:
        say("  no plot: matplotlib is not installed ('make setup' installs it)")
        return
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "cordboard", "font.family": "sans-serif"})
    from matplotlib import pyplot as plt

    figure = draw(plt)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
    say(f"  drawn: {file}")
