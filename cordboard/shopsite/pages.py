"""What the demo shop has to say, as data from ``pages.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk button: subject code and words; ``element`` is the kind of element it is made of."""

    sc: str
    label: str
    element: str = "button"
    whisper: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the shop."""

    path: str
    title: str
    lead: str
    picture: str
    items: tuple[dict[str, str], ...] = ()
    text: tuple[str, ...] = ()
    talk: tuple[Talk, ...] = ()
    menu: bool = True


def load(path: Path = FILE) -> dict[str, Page]:
    """Path -> page, in the order of the menu."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {row["path"]: _page(row) for row in data["page"]}


def _page(row: dict[str, Any]) -> Page:
    return Page(
        path=row["path"],
        title=row["title"],
        lead=row["lead"],
        picture=row["picture"],
        items=tuple(row.get("item", ())),
        text=tuple(row.get("text", ())),
        talk=tuple(Talk(**talk) for talk in row.get("talk", ())),
        menu=row.get("menu", True),
    )
