"""Run as a program, writes all ZIP codes: a line each of code, city, state, latitude, longitude.

``zipcodes`` holds the interpreter while it unpacks its data, a second in which a process could do
nothing else, and keeps some 40 MB. So it does that in a process of its own, which ends.
"""

from __future__ import annotations

import sys

import zipcodes


def main() -> None:
    """Tabs between, which are in no name. After a start of the app a caller may wait for it."""
    for row in zipcodes.list_all():
        fields = (row["zip_code"], row["city"], row["state"], row["lat"], row["long"])
        sys.stdout.write("\t".join(str(field or "") for field in fields) + "\n")


if __name__ == "__main__":
    main()
