"""The Debian mirror that this machine's own apt sources name, read from both of their formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cordboard.stack.errors import StackError

APT = Path("/etc/apt")

#: Suites of Debian itself; other archives (a vendor's, a language's) call theirs something else.
RELEASES = ("bullseye", "bookworm", "trixie", "forky", "duke")
DEBIAN_SUITES = frozenset(
    ("oldoldstable", "oldstable", "stable", "testing", "unstable", "sid", *RELEASES)
)

#: What mmdebstrap can use itself.
FETCHABLE = ("http://", "https://", "file:/", "ftp://")

#: How Debian's cloud images name their mirrors: a file with one URI a line stands behind it.
MIRROR_LIST = "mirror+file:/"


@dataclass(frozen=True)
class Source:
    """One entry of apt's sources: where packages come from and for which suites."""

    uri: str
    suites: tuple[str, ...]


def find_mirror(apt: Path = APT) -> str:
    """URI of the Debian archive that apt uses here, without a slash at its end.

    Raises:
        StackError: no source names a Debian archive.
    """
    for source in read_sources(apt):
        uri = _first_of_list(source.uri) if source.uri.startswith(MIRROR_LIST) else source.uri
        if uri and DEBIAN_SUITES.intersection(source.suites) and "security" not in uri:
            return uri.rstrip("/")
    raise StackError(
        f"no Debian archive is named in {apt}/sources.list or {apt}/sources.list.d",
        "Add the line 'deb MIRROR stable main' with a Debian mirror near you.",
    )


def read_sources(apt: Path = APT) -> Iterator[Source]:
    """Every enabled ``deb`` source, in the order in which apt reads the files."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in files:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".sources":
            yield from parse_deb822(text)
        elif path.suffix == ".list":
            yield from parse_one_line(text)


def parse_one_line(text: str) -> Iterator[Source]:
    """Sources in the form ``deb [options] URI suite component…``."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", line)
        if match and _is_fetchable(match[1]):
            yield Source(match[1], (match[2],))


def parse_deb822(text: str) -> Iterator[Source]:
    """Sources in the form of stanzas with ``Types``, ``URIs`` and ``Suites`` fields."""
    without_comments = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for stanza in re.split(r"\n\s*\n", without_comments):
        fields = _fields(stanza)
        enabled = fields.get("enabled", "yes").lower() not in ("no", "false", "0")
        if enabled and "deb" in fields.get("types", "").split():
            for uri in filter(_is_fetchable, fields.get("uris", "").split()):
                yield Source(uri, tuple(fields.get("suites", "").split()))


def _fields(stanza: str) -> dict[str, str]:
    """Fields of a stanza; a line that begins with a space goes on with the field before it."""
    unfolded = re.sub(r"\n[ \t]+", " ", stanza)
    pairs = (line.partition(":") for line in unfolded.splitlines() if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _first_of_list(uri: str) -> str:
    """First archive of a list of mirrors, or nothing; after a tab a line may have options."""
    path = Path(uri.removeprefix("mirror+file:"))
    if not path.is_file():
        return ""
    words = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return next((first for first, *_ in filter(None, words) if first.startswith(FETCHABLE)), "")


def _is_fetchable(uri: str) -> bool:
    """Whether it leads to something that mmdebstrap can use: a CD-ROM does not."""
    return uri.startswith((*FETCHABLE, MIRROR_LIST))
