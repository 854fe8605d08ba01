"""The clients' own order pages, ``/order/<SID>/``: the same orders as on the telephone.

``browsers`` knows whose browser it is, ``here`` which client that is, ``welcome`` links or enrols
one, ``home`` fills the basket, ``review`` reads it back and places it, ``placed`` shows what
becomes of it, ``payments`` leads to whoever takes the money, ``wishes`` keeps what is to be kept.
"""

from __future__ import annotations

from flask import Flask

from webdesk.order import home, payments, placed, review, stream, welcome, wishes
from webdesk.order.words import FILTERS
from webdesk.security import csrf

BLUEPRINTS = (welcome.bp, review.bp, placed.bp, payments.bp, wishes.bp, stream.bp, home.bp)


def init_app(app: Flask) -> None:
    """Register the pages; their forms carry a token of their own, since clients have no log-in."""
    app.jinja_env.filters.update(FILTERS)
    for blueprint in BLUEPRINTS:
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
