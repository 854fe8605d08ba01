"""What the public API takes and gives, as pydantic models; the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer

from cordboard.wall_clock import known_year

State = Literal["waiting", "dialling", "connected", "completed", "given_up", "cancelled", "refused"]

#: Free text: anything but control characters, of which a line end and a tab are none.
TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
LINE = r"^[^\x00-\x1f\x7f]*$"

Number = Annotated[
    str,
    Field(
        pattern=r"^\+[1-9][0-9]{6,14}$",
        description="E.164, with + and country code.",
        examples=["+12125550140"],
    ),
]
#: A customer's code, in an address.
CUSTOMER_CODE = {"type": "string", "pattern": r"^[A-Z0-9-]{2,32}$"}
Url = Annotated[str, Field(pattern=r'^https?://[^/\s"<>]+[^\s"<>]*$', max_length=1000)]
Month = Annotated[
    str,
    Field(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="Year and month.", examples=["2026-11"]
    ),
]
#: Decimals travel as text, so that no reader rounds them.
Cents = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value:.4f}", return_type=str),
    Field(description="US cents or the like, four decimals, exact.", examples=["12.5000"]),
]
When = Annotated[
    datetime,
    PlainSerializer(lambda value: iso(value), return_type=str),
    Field(description="RFC 3339, UTC.", json_schema_extra={"format": "date-time"}),
]


def iso(at: datetime) -> str:
    """As every JSON of Cordboard has it: 2026-01-31T09:30:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Asked(BaseModel):
    """What comes in: only the fields that are named, and of their own types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """Parameters of an address: only those that are named."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What goes out."""

    model_config = ConfigDict(extra="ignore")


class PageView(BaseModel):
    """A page that the customer has looked at."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    title: str = Field("", pattern=LINE, max_length=200)
    at_ms: int = Field(0, ge=0, le=253402300799999, description="When, milliseconds since 1970.")
    seconds: int = Field(0, ge=0, le=86400, description="For how long.")


class NewRequest(Asked):
    """A customer wants to be called."""

    subject: str = Field(
        pattern=r"^[A-Z0-9-]{2,32}$",
        description="Subject code of a routing rule.",
        examples=["ORDERS"],
    )
    number: Number
    customer_code: str | None = Field(None, pattern=LINE, min_length=1, max_length=64)
    note: str = Field("", pattern=TEXT, max_length=1000, description="What it is about.")
    page_title: str = Field("", pattern=LINE, max_length=200)
    page_url: Url | Literal[""] = ""
    pages: list[PageView] = Field([], max_length=50, description="Pages viewed, oldest first.")
    whisper_code: str = Field("", pattern=r"^[A-Za-z0-9-]{0,32}$")
    wanted_agent: str | None = Field(
        None, pattern=r"^[a-z][a-z0-9._-]{1,31}$", description="User name of a representative."
    )
    wanted_skill: str | None = Field(None, pattern=r"^[a-z][a-z0-9-]{0,31}$")
    time_zone: str = Field(
        "UTC", pattern=r"^[A-Za-z0-9_+/-]{1,64}$", description="The customer's, an IANA name."
    )
    wanted_at: AwareDatetime | None = Field(
        None, description="When to call; left out, as soon as possible. At most 30 days ahead."
    )
    consent_text: str | None = Field(
        None, pattern=TEXT, min_length=1, max_length=700, description="What the customer agreed to."
    )


class Moment(Given):
    """One line of a timeline."""

    at: When
    event: str


class CallRequest(Given):
    """A request to be called, as it stands."""

    id: UUID
    source: Literal["web", "api", "queue"]
    subject: str
    number: str
    customer_code: str | None
    note: str
    page_title: str
    page_url: str
    pages: list[PageView]
    whisper_code: str
    wanted_agent: str | None
    wanted_skill: str | None
    time_zone: str
    wanted_at: When
    state: State
    outcome: str | None = Field(description="Of the latest attempt.")
    attempts: int
    next_attempt_at: When | None
    created_at: When
    ended_at: When | None


class CallRequestStory(CallRequest):
    """The same with its timeline."""

    timeline: list[Moment]


class CallRequestPage(Given):
    """Some requests, newest first."""

    items: list[CallRequest]
    next: str | None = Field(description="Give it as `cursor` to go on; null at the end.")


class ListQuery(Query):
    """Which requests."""

    state: State | None = None
    since: AwareDatetime | None = Field(None, description="Made at this time or later.")
    cursor: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,120}$")
    limit: int = Field(50, ge=1, le=100)


class UsageQuery(Query):
    """Which month; left out, the present one."""

    month: Month | None = None


class UsagePageQuery(UsageQuery):
    """Which month, and where to go on."""

    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=500)


class UsageLine(Given):
    """What one leg costs."""

    id: int
    call_id: UUID
    channel: str = Field(description="The leg, as in `cordboard calls --json`.")
    role: Literal["customer", "agent"]
    party: str | None = Field(description="The number whose tariff counts.")
    answered: When
    ended: When
    seconds: int
    billed_seconds: int
    cents_per_minute: Cents
    amount_cents: Cents


class Usage(Given):
    """A month: its sums, and some of its lines."""

    month: Month
    time_zone: str = Field(description="The month begins at midnight there.")
    legs: int
    seconds: int
    billed_seconds: int
    amount_cents: Cents
    unrated: int = Field(description="Legs that no tariff fits yet.")
    lines: list[UsageLine]
    next: int | None = Field(description="Give it as `after` to go on; null at the end.")


class NewCheck(Asked):
    """Would this number be dialled?"""

    number: str = Field(pattern=LINE, min_length=1, max_length=40, examples=["+12125550140"])
    at: Annotated[AwareDatetime, AfterValidator(known_year)] | None = Field(
        None, description="When, in the years 2000 to 2100; left out, now."
    )


class Reason(Given):
    """Why a number is not dialled."""

    code: str = Field(examples=["outside_calling_hours"])
    sentence: str


class Check(Given):
    """The answer of the dialling policy."""

    number: str
    allowed: bool
    reasons: list[Reason] = Field(description="All of them; empty when allowed.")
    next_allowed_at: When | None = Field(description="When only the time is wrong.")


class OfferQuery(Query):
    """For which contact."""

    channel: Literal["phone", "web", "chat", "api"] = Field(
        "api",
        description="What can be presented there; `api` is whatever is offered anywhere.",
    )


class RankedOffer(Given):
    """One offer, and why it has its place."""

    rank: int = Field(ge=1)
    code: str
    kind: Literal["sales", "service"]
    title: str
    url: str | None = Field(description="A page that this customer can open; null without one.")
    p: float | None = Field(description="Probability of acceptance when it is presented, 0 to 1.")
    value_cents: int = Field(description="Net present value of one that is accepted.")
    ev_cents: int | None = Field(description="Expected value: p x value.")
    exposures: int = Field(description="How often this customer was presented it before.")
    why: str = Field(description="The reason in a sentence.")


class OfferList(Given):
    """What a customer may be offered, best first."""

    decision: UUID = Field(description="The stored decision; the same until something changes.")
    customer: str
    channel: Literal["phone", "web", "chat", "api"]
    at: When = Field(description="When it was decided.")
    offers: list[RankedOffer]


class FieldError(Given):
    """What is wrong with one field."""

    pointer: str = Field(description="JSON pointer, or the name of a parameter.")
    detail: str


class ProblemDocument(Given):
    """An error (RFC 9457)."""

    type: str = Field(examples=["urn:cordboard:problem:unknown-subject"])
    title: str
    status: int
    code: str = Field(description="For programs; it does not change.")
    detail: str = Field(description="For people: what is wrong and what to do.")
    errors: list[FieldError] = []
    reasons: list[Reason] = []
    next_allowed_at: When | None = None
