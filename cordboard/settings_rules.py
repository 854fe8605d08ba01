"""Settings: what is decided for all subscribers together."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Rules(BaseModel):
    """Limits, times and what is kept for how long."""

    dial_per_minute: int = Field(
        600,
        ge=0,
        le=100_000,
        description="Most calls dialled in one minute for all subscribers together.",
    )
    wanted_agent_seconds: int = Field(
        30,
        ge=0,
        le=600,
        description=(
            "How long a customer who is called back waits for the agent asked for, who is busy, "
            "seconds."
        ),
    )
    retention_days: int = Field(
        90,
        ge=1,
        le=3650,
        description=(
            "Days that delivered webhooks, e-mails that were sent or failed, half-made orders that"
            " were given up, refusals, timelines of ended requests and lists of offers that nobody"
            " opened are kept."
        ),
    )
    order_change_minutes: int = Field(
        10,
        ge=0,
        le=1440,
        description=(
            "Minutes after placing during which a client may change an order that was accepted; "
            "one that was not may be changed at any time."
        ),
    )
    draft_hours: int = Field(
        24,
        ge=1,
        le=24,
        description="Hours after which an order that nobody went on with is given up.",
    )
    payment_provider: str = Field(
        "",
        pattern="^(test)?$",
        description=(
            "Who takes payments by a link: `test` is a page of the demo shop, which the local "
            "stack sets; empty offers no such payment."
        ),
    )
    nightly_hour: int = Field(
        3,
        ge=-1,
        le=23,
        description=(
            "Hour of the day, where the subscriber is, from which its model is trained and its "
            "lists are built anew; -1 never does."
        ),
    )
    strategies_every_minutes: int = Field(
        5,
        ge=0,
        le=1440,
        description="Minutes between builds of what has changed (customers, offers); 0 never does.",
    )
    default_region: str = Field(
        "US",
        description="Region (ISO 3166) for numbers that arrive in national form.",
    )
