"""What a visitor of a subscriber's site sees: from the talk button to the end of the call.

``visitors`` knows whose browser it is, ``place`` where a talk link leads, ``welcome`` takes the
request, ``drafts`` keeps what was typed, ``calls`` shows what becomes of it, ``stream`` tells it
live, ``pushes`` hears what was seen.
"""

from __future__ import annotations

from flask import Flask

from webdesk.security import csrf
from webdesk.talk import assets, calls, drafts, offers, pushes, stream, welcome

BLUEPRINTS = (assets.bp, stream.bp, pushes.bp, calls.bp, offers.bp, drafts.bp, welcome.bp)


def init_app(app: Flask) -> None:
    """Register the pages; their forms carry a token of their own, since visitors have no log-in."""
    for blueprint in BLUEPRINTS:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
