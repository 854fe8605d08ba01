"""The propensity model in use, out of the offers database. Loads no training library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from psycopg import Connection
from psycopg.rows import dict_row

from cordboard.attributes import ATTRIBUTES
from cordboard.propensity import Model, ModelError, why_not_used
from db.queries import sql

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class InUse:
    """What counts for a subscriber now.

    Attributes:
        id: of the stored model; None when there is none, or it cannot be used.
        model: it; None: the priors of the offers count.
        judged: the same without what it was judged by, see ``cordboard/training/train.py``.
        judged_from: since when there are presentations that ``judged`` has not seen.
        problem: why a stored model is not used, and what to do.
    """

    id: int | None = None
    model: Model | None = None
    judged: Model | None = None
    judged_from: datetime | None = None
    problem: str | None = None


def model_in_use(conn: Connection[Any], subscriber: int) -> InUse:
    """The model of a subscriber (its id); one that cannot be used is told in the log."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql.model_in_use, {"subscriber": subscriber}).fetchone()
    if row is None:
        return InUse()
    found = _read(row)
    if found.problem:
        log.warning("model.not_used", model=row["id"], subscriber=subscriber, why=found.problem)
    return found


def _read(row: dict[str, Any]) -> InUse:
    id_, since = row["id"], row["judged_from"]
    try:
        model = Model.from_json(row["parameters"])
        judged = Model.from_json(row["judged"]) if row["judged"] else model
    except ModelError as error:
        return InUse(problem=f"Model {id_} is not used, priors alone count: {error}")
    problem = why_not_used(model, ATTRIBUTES)
    return (
        InUse(problem=problem)
        if problem
        else InUse(id_, model, judged, datetime.fromisoformat(since) if since else None)
    )
