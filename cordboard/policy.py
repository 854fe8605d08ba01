"""May this number be dialled now, for this subscriber? All reasons why not, without any I/O.

The facts come from ``policy_facts_v1`` by way of ``db/policy.py``, which is what other parts call;
``docs/dialling-policy.md`` is for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cordboard.dialled_number import read_number
from cordboard.policy_facts import Facts
from cordboard.policy_rules import (
    HOURS,
    NEED_NUMBER,
    RULES,
    Asked,
    Finding,
    Json,
    no_policy,
    valid_number,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings on one number at one time, in the order of ``RULES``."""

    subscriber: str
    number: str
    e164: str | None
    at: datetime
    findings: tuple[Finding, ...]
    #: The first time from ``at`` on at which neither hours nor holidays are against it.
    next_allowed: datetime | None

    @property
    def allowed(self) -> bool:
        """Whether no rule is against it."""
        return not self.reasons

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """The findings against it."""
        return tuple(finding for finding in self.findings if not finding.passed)

    @property
    def only_hours(self) -> bool:
        """Whether it is refused, and another time of day or another day is all it takes."""
        codes = {finding.code for finding in self.reasons}
        return bool(codes) and codes <= HOURS and self.next_allowed is not None

    @property
    def ask_again(self) -> datetime | None:
        """When a refusal may be over by itself; None when it is none, or will not be."""
        times = [finding.again for finding in self.reasons]
        if not times or None in times:
            return None
        return max(time for time in times if time is not None)

    def as_json(self) -> Json:
        """For the API, the CLI and pages; what the rules saw stays inside."""
        return {
            "subscriber": self.subscriber,
            "number": self.e164 or self.number,
            "at": self.at.isoformat(),
            "allowed": self.allowed,
            "reasons": [{"code": f.code, "sentence": f.sentence} for f in self.reasons],
            "next_allowed": self.next_allowed.isoformat() if self.next_allowed else None,
        }


def judge(facts: Facts, number: str, now: datetime, region: str = "US") -> Verdict:
    """Everything there is to say about dialling ``number`` at ``now``, an aware time.

    ``region`` (ISO 3166) is for a number in national form.
    """
    now = now.astimezone(UTC)
    asked = Asked(facts, number, read_number(number, region), now)
    findings = [valid_number(asked)]
    if facts.policy is None:
        findings.append(no_policy(facts))
    else:
        findings += [
            rule(asked, facts.policy) for rule in RULES if asked.number or rule not in NEED_NUMBER
        ]
    return Verdict(
        subscriber=facts.subscriber,
        number=number,
        e164=asked.number.e164 if asked.number else None,
        at=now,
        findings=tuple(findings),
        next_allowed=asked.next_allowed(),
    )
