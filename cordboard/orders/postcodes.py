"""Where a postcode is: the centroids of ZIP codes that the package ``zipcodes`` keeps.

Coordinates are GeoNames' (CC BY 4.0). Of other countries than the United States
nothing is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import zipcodes

from cordboard.orders.places import Point

_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class PostArea:
    """What a postcode stands for.

    Attributes:
        postcode: five digits.
        city: its usual name.
        region: state, two letters.
        point: its middle; None of a few, such as those of the armed forces.
    """

    postcode: str
    city: str
    region: str
    point: Point | None


def covers(country: str) -> bool:
    """Whether the postcodes of this country (ISO 3166) are known, so that one can be wrong."""
    return country == "US"


def load() -> None:
    """Unpack the data, 0.4 s, so that nobody waits for it in a call."""
    area("US", "60601")


def area(country: str, postcode: str) -> PostArea | None:
    """What this postcode stands for; None when there is no such one, or nobody knows.

    A ZIP code may have its four further digits: ``60601-1234``.
    """
    found = _ZIP.fullmatch(postcode.strip(" ")) if covers(country) else None
    return _zip_area(found[1]) if found else None


def centroid(country: str, postcode: str) -> Point | None:
    """The middle of this postcode, if it is known."""
    found = area(country, postcode)
    return found.point if found else None


@lru_cache(maxsize=4096)
def _zip_area(code: str) -> PostArea | None:
    """Looking through all of them takes some milliseconds; clients live in a few."""
    matches: list[dict[str, Any]] = zipcodes.matching(code)
    if not matches:
        return None
    row = matches[0]
    latitude, longitude = float(row["lat"] or 0), float(row["long"] or 0)
    # Where it is not known, both are zero: a place in the Atlantic.
    point = Point(latitude, longitude) if latitude or longitude else None
    return PostArea(code, row["city"], row["state"], point)
