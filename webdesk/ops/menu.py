"""The pages of the operations area: one list, from which the menu is drawn.

A page that no blueprint serves is left out of the menu, so a line may stand here before its page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import current_app, g, request
from flask_login import current_user

#: Who may change things, and who may look at requests as well.
EDITORS = ("ops", "admin")
READERS = ("supervisor", *EDITORS)


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the menu; ``by_subscriber`` when it is about one subscriber at a time."""

    heading: str
    label: str
    path: str
    roles: tuple[str, ...] = EDITORS
    by_subscriber: bool = False

    def address(self, subscriber: str) -> str:
        """Where its link leads from a page about a subscriber (code).

        >>> Section("Offers", "Models", "/ops/models", by_subscriber=True).address("halyard")
        '/ops/models?subscriber=halyard'
        """
        about = f"?subscriber={quote(subscriber)}" if subscriber and self.by_subscriber else ""
        return f"{self.path}{about}"


SECTIONS = (
    Section("Now", "Overview", "/ops"),
    Section("Now", "Call requests", "/ops/requests", READERS),
    Section("Now", "Refusals", "/ops/refusals", READERS),
    Section("Web and voice", "Routing", "/ops/routing"),
    Section("Web and voice", "Pages to push", "/ops/pages", by_subscriber=True),
    Section("Web and voice", "What visitors see", "/ops/presence", by_subscriber=True),
    Section("Offers", "Offers", "/ops/offers", by_subscriber=True),
    Section("Offers", "Decision policy", "/ops/decision-policy", by_subscriber=True),
    Section("Offers", "What if?", "/ops/what-if", READERS, by_subscriber=True),
    Section("Offers", "Decisions", "/ops/decisions", READERS, by_subscriber=True),
    Section("Offers", "Acceptance", "/ops/acceptance", READERS, by_subscriber=True),
    Section("Offers", "Other policies", "/ops/estimates", READERS, by_subscriber=True),
    Section("Offers", "Models", "/ops/models", READERS, by_subscriber=True),
    Section("Regular customers", "Usual orders", "/ops/usual", READERS, by_subscriber=True),
    Section("Who may be called", "Dialling policy", "/ops/policy", by_subscriber=True),
    Section("Who may be called", "Would we dial?", "/ops/policy/check", READERS),
    Section("Who may be called", "Do not call", "/ops/do-not-call"),
    Section("Accounts", "Agent groups", "/ops/groups"),
    Section("Accounts", "Secrets", "/ops/secrets", by_subscriber=True),
    Section("Accounts", "Webhooks", "/ops/webhooks"),
    Section("Accounts", "Usage", "/ops/usage"),
    Section("Accounts", "Audit", "/ops/audit"),
)


def visible(role: str, served: set[str]) -> dict[str, list[Section]]:
    """The sections that this role may see, by heading, in the order of the list."""
    groups: dict[str, list[Section]] = {}
    for section in SECTIONS:
        if role in section.roles and section.path in served:
            groups.setdefault(section.heading, []).append(section)
    return groups


def current(path: str) -> str:
    """The section that a page belongs to: the longest path it begins with.

    >>> current("/ops/routing/7")
    '/ops/routing'
    """
    below = [s.path for s in SECTIONS if path == s.path or path.startswith(s.path + "/")]
    return max(below, key=len, default="")


def for_templates() -> dict[str, Any]:
    """``ops_menu`` and ``ops_here``, for ``ops/layout.html``."""
    if not request.path.startswith("/ops") or not current_user.is_authenticated:
        return {}
    served = {rule.rule for rule in current_app.url_map.iter_rules()}
    return {
        "ops_menu": visible(current_user.role, served),
        "ops_here": current(request.path),
        "ops_subscriber": g.get("ops_subscriber", ""),
    }
