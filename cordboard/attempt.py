"""One attempt to call somebody back, as the engine hands it to call control. No I/O.

The JSON is that of docs/architecture.md, "Web and voice". Numbers and addresses in it become SIP
requests, so they are checked here once more, whoever checked them before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cordboard import cti

#: A number that may be dialled.
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
#: A call centre elsewhere that is reached by SIP.
SIP_URI = re.compile(r"sips?:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,120}(:[0-9]{1,5})?")
PLACEMENTS = ("customer_first", "agent_first", "both")
SIGN_ONS = ("digit", "pin")
#: Longest time a leg is rung, and an agent has to sign on, seconds.
LONGEST_S = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a subject leads, and how; times are seconds.

    Attributes:
        subject: code of the subject (SC).
        name: the subject as people say it.
        group: code of the agent group; empty when ``external`` is not.
        external: number or SIP URI of a call centre elsewhere; empty when ``group`` is not.
        dnis: what the call is dialled as, for whoever answers; may be empty.
        tag2: key-value pairs that go with the call.
        whisper_template: see :mod:`cordboard.whisper`.
        placement: who is dialled first.
        sign_on: how whoever answers signs on before any customer data is given.
        needs: skill -> poorest level that will do.
    """

    subject: str
    name: str
    group: str = ""
    external: str = ""
    dnis: str = ""
    tag2: Mapping[str, str] = field(default_factory=dict)
    whisper_template: str = ""
    placement: str = "customer_first"
    sign_on: str = "digit"
    ring_customer_s: int = 30
    ring_agent_s: int = 15
    sign_on_s: int = 15
    detect_voicemail: bool = False
    needs: Mapping[str, int] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whom to call back, about what; ``id`` is the call's id, ``subscriber`` a code."""

    id: str
    request: str
    number: str
    subscriber: str
    company: str
    rule: Rule
    attempt: int = 1
    source: str = "web"
    visitor: str = ""
    hold_text: str = ""
    farewell_text: str = ""
    customer_code: str = ""
    note: str = ""
    page_title: str = ""
    page_url: str = ""
    pages: tuple[Mapping[str, Any], ...] = ()
    whisper_code: str = ""
    wanted_agent: int = 0
    wanted_skill: str = ""
    entered_ms: int = 0
    proof_code: str = ""

    def said(self, text: str) -> str:
        """A text of the subscriber's with the company's name in it."""
        return text.replace("{company}", self.company)


def parse(data: Mapping[str, Any]) -> Attempt:
    """The attempt in ``data``.

    Raises:
        ValueError: something in it must not be used; the message says what.
    """
    subscriber = data.get("subscriber") or {}
    return Attempt(
        id=_uuid(data, "id"),
        request=_uuid(data, "request"),
        number=_matching(E164, data.get("number"), "number"),
        subscriber=_text(subscriber, "code"),
        company=_text(subscriber, "name"),
        rule=_rule(data.get("rule") or {}),
        attempt=int(data.get("attempt") or 1),
        source=_text(data, "source") or "web",
        visitor=_uuid(data, "visitor") if data.get("visitor") else "",
        **{name: _text(data, name) or default for name, default in _TEXTS.items()},
        pages=tuple(p for p in data.get("pages") or () if isinstance(p, dict)),
        wanted_agent=int(data.get("wanted_agent") or 0),
        entered_ms=int(data.get("entered_ms") or 0),
    )


#: Texts, and what stands for those that are missing.
_TEXTS = {
    "hold_text": "Please hold while we connect you to a {company} representative.",
    "farewell_text": "Goodbye.",
    "customer_code": "",
    "note": "",
    "page_title": "",
    "page_url": "",
    "whisper_code": "",
    "wanted_skill": "",
    "proof_code": "",
}


def _rule(data: Mapping[str, Any]) -> Rule:
    group, external = _text(data, "group"), _text(data, "external")
    if bool(group) == bool(external):
        raise ValueError("a rule leads either to a group or to a call centre elsewhere")
    if external and not external.startswith("+"):
        _matching(SIP_URI, external, "external")
    elif external:
        _matching(E164, external, "external")
    return Rule(
        subject=_text(data, "subject"),
        name=_text(data, "name") or _text(data, "subject"),
        group=group,
        external=external,
        dnis=_text(data, "dnis"),
        tag2=cti.clean(data.get("tag2") or {}),
        whisper_template=_text(data, "whisper_template"),
        placement=_one_of(PLACEMENTS, data, "placement"),
        sign_on=_one_of(SIGN_ONS, data, "sign_on"),
        ring_customer_s=_seconds(data, "ring_customer_s", 30),
        ring_agent_s=_seconds(data, "ring_agent_s", 15),
        sign_on_s=_seconds(data, "sign_on_s", 15),
        detect_voicemail=bool(data.get("detect_voicemail")),
        needs={str(k): int(v) for k, v in (data.get("needs") or {}).items()},
        priority=min(max(int(data.get("priority") or 0), 0), 9),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return "" if value is None else str(value)


def _uuid(data: Mapping[str, Any], name: str) -> str:
    try:
        return str(UUID(_text(data, name)))
    except ValueError:
        raise ValueError(f"{name} is not a UUID") from None


def _matching(pattern: re.Pattern[str], value: object, name: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{name} cannot be dialled")
    return value


def _one_of(known: tuple[str, ...], data: Mapping[str, Any], name: str) -> str:
    value = data.get(name) or known[0]
    if value not in known:
        raise ValueError(f"{name} is none of {', '.join(known)}")
    return str(value)


def _seconds(data: Mapping[str, Any], name: str, default: int) -> int:
    return min(max(int(data.get(name) or default), 1), LONGEST_S)
