"""A number that somebody wants dialled: which one it is, its region, kind and time zones."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

from cordboard.identity import normalise_number

#: International networks that are not a country's: satellites, ships, the sky, and what is sold
#: under them at any price (ITU-T E.164, list of assigned country codes).
SATELLITE_CODES = frozenset({870, 871, 872, 873, 874, 881, 882, 883})

UNKNOWN_ZONE = "Etc/Unknown"

_KINDS = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


@dataclass(frozen=True, slots=True)
class DialledNumber:
    """A number as E.164; ``region`` is ISO 3166 (``001`` for none), ``kind`` as in the policy.

    ``zones`` are the IANA zones in which the called party may be; empty when nobody knows.
    """

    e164: str
    region: str
    kind: str
    zones: tuple[str, ...]


def read_number(text: str, region: str) -> DialledNumber | None:
    """What ``text`` is as a telephone number; None when nobody can have it.

    ``region`` is for numbers in national form.
    """
    e164 = normalise_number(text, region)
    if e164 is None:
        return None
    parsed = phonenumbers.parse(e164)
    if not phonenumbers.is_valid_number(parsed):
        return None
    satellite = parsed.country_code in SATELLITE_CODES
    kind = _KINDS.get(phonenumbers.number_type(parsed), "unknown")
    zones = timezone.time_zones_for_number(parsed)
    return DialledNumber(
        e164=e164,
        region=phonenumbers.region_code_for_number(parsed) or "001",
        kind="satellite" if satellite else kind,
        zones=tuple(zone for zone in zones if zone != UNKNOWN_ZONE),
    )
