"""What the server counts; served on ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ANSWERED = Counter(
    "cordboard_agi_questions_total",
    "AGI questions by outcome: answered, unavailable, refused, hung_up, failed.",
    ("question", "outcome"),
)
SECONDS = Histogram(
    "cordboard_agi_seconds",
    "Time from a question's connection to its answer, seconds.",
    ("question",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
