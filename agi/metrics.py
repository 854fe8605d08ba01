"""What the server counts; served on ``/metrics``."""

from __future__ import annotations

from functools import cache

from prometheus_client import Histogram

SECONDS = Histogram(
    "cordboard_agi_seconds",
    "AGI questions: time from the connection to the answer, seconds, by question and outcome"
    " (answered, unavailable, refused, hung_up, failed).",
    ("question", "outcome"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)

# Looking a child up by its labels costs more than counting with it.
_child = cache(SECONDS.labels)


def count(question: str, outcome: str, seconds: float) -> None:
    """Count one conversation."""
    _child(question, outcome).observe(seconds)
