"""What the handlers work with, made once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass, field

from agi.database import Database
from cordboard.settings import Settings


@dataclass(frozen=True)
class Services:
    """Settings, the database, and the memory of lines for when the database is away."""

    settings: Settings
    database: Database
    #: Dialled number -> the variables that tell where its calls go, as last answered.
    lines: dict[str, dict[str, str]] = field(default_factory=dict)
