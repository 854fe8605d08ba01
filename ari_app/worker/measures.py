"""What the worker counts for ``/metrics``."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

handed = Counter("cordboard_callbacks_handed_total", "Attempts handed to call control")
refused = Counter(
    "cordboard_callbacks_refused_total", "Attempts that the dialling policy stopped", ["reason"]
)
found = Counter(
    "cordboard_callbacks_found_total", "Attempts whose lease ran out, by what became", ["fate"]
)
late = Histogram(
    "cordboard_callback_late_seconds",
    "From when an attempt was due to when it was handed over, waiting for an agent included",
    buckets=(0.01, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 120, 600),
)
