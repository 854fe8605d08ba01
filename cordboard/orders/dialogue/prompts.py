"""Every prompt of the dialogue by its name: the table of contents."""

from __future__ import annotations

from cordboard.orders.dialogue import (
    change,
    checkout,
    done,
    ends,
    enrolment,
    last_order,
    listing,
    main_menu,
    moved,
    readback,
    resume,
    settings,
    who,
)
from cordboard.orders.dialogue.talk import Prompt

PROMPTS: dict[str, Prompt] = {
    **who.PROMPTS,
    **moved.PROMPTS,
    **resume.PROMPTS,
    **main_menu.PROMPTS,
    **listing.PROMPTS,
    **checkout.PROMPTS,
    **change.PROMPTS,
    **readback.PROMPTS,
    **done.PROMPTS,
    **last_order.PROMPTS,
    **settings.PROMPTS,
    **enrolment.PROMPTS,
    **ends.PROMPTS,
}

#: Where the dialogue is over.
ENDS = frozenset(ends.PROMPTS)
