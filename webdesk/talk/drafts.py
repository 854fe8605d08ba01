"""What a visitor has typed and not sent, for browsers that let a panel store nothing itself.

Kept with the visitor's session, for the subject that was typed for last, until it is sent, an hour
at most. A browser that can keep it keeps it, and sends nothing here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from flask import request

from cordboard import keys
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import services
from webdesk.talk import form, refusal, visitors
from webdesk.talk.form import Entered
from webdesk.talk.visitors import Visitor

bp = visitors.blueprint("drafts")
refusal.init(bp)

#: Fields that are typed, not chosen.
TYPED = ("number", "note", "at")
#: A note of the greatest length, as a form encodes it, bytes.
MAX_BODY = 64 * 1024
#: Longer than any subject code.
LONGEST_CODE = 40


@bp.post("/<sid>/<sc>/draft")
@limiter.limit("240 per minute")
def save(sid: str, sc: str) -> tuple[str, int]:
    """Keep the typed fields of the form about this subject, instead of those kept before."""
    request.max_content_length = MAX_BODY
    who = visitors.visitor(sid)
    if who is None:
        raise Problem(401, "no-visitor", "This browser sent no cookie of ours.")
    visitors.check_token(who)
    if len(sc) > LONGEST_CODE:
        raise Problem(404, "unknown-subject", "There is no subject of this name.")
    entered = form.read(request.form)
    typed = {name: value for name in TYPED if (value := getattr(entered, name))}
    key, client = keys.talk_draft(who.id), services().redis
    if typed:
        client.set(key, orjson.dumps({"sc": sc, "typed": typed}), ex=keys.DRAFT_S)
    else:
        client.delete(key)
    return "", 204


def restore(who: Visitor, sc: str, entered: Entered) -> Entered:
    """The form with what this visitor has typed of it before."""
    kept: Any = services().redis.get(keys.talk_draft(who.id))
    draft = orjson.loads(kept) if kept else {}
    return replace(entered, **draft["typed"]) if draft.get("sc") == sc else entered


def forget(who: Visitor) -> None:
    """It was sent."""
    services().redis.delete(keys.talk_draft(who.id))
