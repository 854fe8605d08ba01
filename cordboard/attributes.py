"""What is known of a customer: the names that rules and the model use, and no others. No I/O.

One attribute is one column of ``customer_feature``; ``db/functions/31_features.sql`` computes them,
``docs/offers.md`` has the table for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Type: TypeAlias = Literal["number", "text", "flag"]
Value: TypeAlias = int | str | bool

#: What stands in an attribute that counts days since something that never happened.
NEVER_DAYS = 36500


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a customer.

    Numbers are whole; ``unit`` says of what. ``label`` is what ``rules.words`` call it; a flag has
    one for true, and ``otherwise`` for false. ``least`` is the least number there can be, None
    without a limit.
    """

    name: str
    type: Type
    unit: str
    label: str
    meaning: str
    least: int | None = None
    otherwise: str = ""


def _text(name: str, label: str, meaning: str) -> Attribute:
    return Attribute(name, "text", "", label, meaning)


def _count(name: str, unit: str, label: str, meaning: str) -> Attribute:
    return Attribute(name, "number", unit, label, meaning, least=0)


_ALL = (
    _text("segment", "segment", "The subscriber's own grouping: standard, silver, gold, …"),
    _text("language", "language", "Two letters: en, es, …"),
    _text("region", "region", "Of the customer's address: NY, IL, …; empty when not known"),
    _text("product", "product", "Product of the oldest account that is not closed; or empty"),
    _count("tenure_days", "days", "tenure", "Since the customer became one"),
    _count("accounts", "accounts", "number of accounts", "Accounts that are not closed"),
    Attribute(
        "suspended",
        "flag",
        "",
        "an account is suspended",
        "At least one account is suspended",
        otherwise="no account is suspended",
    ),
    Attribute(
        "balance_cents",
        "number",
        "cents",
        "balance",
        "Sum over the accounts that are not closed; may be negative",
    ),
    _count(
        "calls_30d",
        "calls",
        "number of calls in 30 days",
        "Calls of the last 30 days, this one too",
    ),
    _count(
        "service_calls_90d",
        "calls",
        "number of service calls in 90 days",
        "Calls of the last 90 days to which an agent gave a service code",
    ),
    _count(
        "web_visits_30d",
        "days",
        "number of days on the web in 30 days",
        "Days of the last 30 on which the customer, known by code, was on the web or asked there"
        " to be called",
    ),
    _count(
        "purchases_365d",
        "purchases",
        "number of purchases in a year",
        "Purchases of the last 365 days",
    ),
    _count(
        "purchase_cents_365d",
        "cents",
        "money spent in a year",
        "What the purchases of the last 365 days cost",
    ),
    _count(
        "days_since_purchase",
        "days",
        "time since the last purchase",
        f"Since the last purchase; {NEVER_DAYS} when there was none",
    ),
    _count(
        "presented_90d",
        "times",
        "number of offers presented in 90 days",
        "Offers that were presented in the last 90 days",
    ),
    _count(
        "accepted_365d",
        "times",
        "number of offers accepted in a year",
        "Offers presented and accepted in the last 365 days",
    ),
    _count(
        "declined_90d",
        "times",
        "number of offers declined in 90 days",
        "Offers presented and declined in the last 90 days",
    ),
    _count(
        "days_since_presented",
        "days",
        "time since an offer was presented",
        f"Since any offer was presented; {NEVER_DAYS} when none was",
    ),
)

#: Name -> attribute, in the order of the table's columns.
ATTRIBUTES: Mapping[str, Attribute] = {one.name: one for one in _ALL}
