"""The script that sites load, and each company's colours."""

from __future__ import annotations

import re

from flask import Response, current_app, send_from_directory

from cordboard.colour import DAY, NIGHT, Theme, theme
from webdesk.problems import Problem
from webdesk.security import own_headers
from webdesk.services import services
from webdesk.talk import store, visitors

bp = visitors.blueprint("assets")

#: Sites look for a new script, and browsers for new colours, after so many seconds.
FRESH_S = 300
_SID = re.compile(r"[a-z][a-z0-9-]{1,31}")


@bp.get("/talk.js")
def script() -> Response:
    """``talk.js``; the one file of ours that other origins may load."""
    own_headers(Cross_Origin_Resource_Policy="cross-origin")
    folder = f"{current_app.static_folder}/talk"
    return send_from_directory(folder, "talk.js", max_age=FRESH_S)


@bp.get("/theme/<sid>.css")
def theme_css(sid: str) -> Response:
    """A company's accent, made readable on our backgrounds by day and by night."""
    row = store.place(services().pool, sid, "-") if _SID.fullmatch(sid) else None
    if row is None:
        raise Problem(404, "not-found", "There is no company of this name here.")
    accent = row["accent"]
    day, night = (_properties(theme(accent, background)) for background in (DAY, NIGHT))
    css = f":root {{ {day} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {night} }} }}\n"
    response = Response(css, mimetype="text/css")
    response.cache_control.max_age = FRESH_S
    response.cache_control.public = True
    return response


def _properties(colours: Theme) -> str:
    return (
        f"--accent: {colours.accent}; --accent-hover: {colours.hover};"
        f" --accent-ink: {colours.ink}; --accent-soft: {colours.soft};"
    )
