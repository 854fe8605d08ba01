"""Where ops land: which parts answer, which numbers can be dialled, where they lead."""

from __future__ import annotations

from typing import Any

from flask import render_template

from cordboard import keys
from webdesk import store
from webdesk.floor import floor_state
from webdesk.ops.menu import EDITORS
from webdesk.present import number_text
from webdesk.services import services
from webdesk.sessions import role_required


@role_required(*EDITORS)
def page() -> str:
    """The landing page."""
    svc = services()
    floor = floor_state(svc)
    registered = [agent for agent in floor["agents"] if agent["registered"]]
    return render_template(
        "ops/home.html",
        figures={
            "Live calls": svc.redis.scard(keys.CALLS),
            "Callers waiting": sum(queue["waiting"] for queue in floor["queues"]),
            "Waiting to be called": sum(map(_wishes, floor["queues"])),
            "Phones that can be rung": f"{len(registered)} of {len(floor['agents'])}",
            "Facts on their way to the database": svc.redis.xlen(keys.JOURNAL),
        },
        dids=[{**did, "text": number_text(did["number"])} for did in store.dids(svc.pool)],
    )


def _wishes(queue: dict[str, Any]) -> int:
    return int(queue["requests"]["due"] + queue["requests"]["later"])
