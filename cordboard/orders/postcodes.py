"""Where a postcode is: the centroids of ZIP codes that the package ``zipcodes`` keeps.

Coordinates are GeoNames' (CC BY 4.0). Of other countries than the United States nothing is known.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cordboard.orders.places import Point

_ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")
_ROWS = Path(__file__).with_name("zip_rows.py")
_PATIENCE_S = 60
_one_reads = threading.Lock()


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
    """Read the data, about a second, so that nobody waits for it in a call.

    In a thread it leaves the other threads at work. What asks before it was loaded, loads it, or
    waits for whoever does.

    Raises:
        OSError, subprocess.SubprocessError: the data cannot be read.
    """
    _table()


def area(country: str, postcode: str) -> PostArea | None:
    """What this postcode stands for; None when there is no such one, or nobody knows.

    A ZIP code may have its four further digits: ``60601-1234``.
    """
    found = _ZIP.fullmatch(postcode.strip(" ")) if covers(country) else None
    line = _table().get(found[1]) if found else None
    return _area(line) if line else None


def centroid(country: str, postcode: str) -> Point | None:
    """The middle of this postcode, if it is known."""
    found = area(country, postcode)
    return found.point if found else None


def _table() -> Mapping[str, str]:
    """Code -> its line; read by one thread, once."""
    with _one_reads:
        return _read()


@lru_cache(maxsize=1)
def _read() -> Mapping[str, str]:
    """A line becomes an object when asked for: 42,000 texts are small, as many objects are not."""
    # Isolated: only what is installed, nothing of the folder or the environment that we run in.
    command = [sys.executable, "-I", str(_ROWS)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=_PATIENCE_S,
    )
    return {line[:5]: line for line in done.stdout.decode().splitlines()}


def _area(line: str) -> PostArea:
    code, city, region, north, east = line.split("\t")
    latitude, longitude = float(north or 0), float(east or 0)
    # Where it is not known, both are zero: a place in the Atlantic.
    point = Point(latitude, longitude) if latitude or longitude else None
    return PostArea(code, city, region, point)
