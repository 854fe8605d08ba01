"""What an order call says and does next. No I/O: ``ari_app/flows/order.py`` plays and stores.

See docs/calls/order.md for one call through it.
"""

from cordboard.orders.dialogue.engine import again, begin, hear
from cordboard.orders.dialogue.memory import Memory, memory_from_json
from cordboard.orders.dialogue.talk import Step
from cordboard.orders.dialogue.turns import (
    Answered,
    Answers,
    Heard,
    Keys,
    Pressed,
    Record,
    Recorded,
    Silence,
    Then,
    Turn,
)

__all__ = [
    "Answered",
    "Answers",
    "Heard",
    "Keys",
    "Memory",
    "Pressed",
    "Record",
    "Recorded",
    "Silence",
    "Step",
    "Then",
    "Turn",
    "again",
    "begin",
    "hear",
    "memory_from_json",
]
