"""The web desk: agents' desk, offer pages, floor and ops pages. ``create_app`` wires everything."""

from __future__ import annotations

from flask import Flask

from cordboard.settings import Settings, load_settings
from db.pool import open_pool
from decider import open_decider_sync
from webdesk import (
    api,
    auth,
    board,
    desk,
    desk_orders,
    dispositions,
    entries,
    events,
    floor,
    health,
    history,
    lookup,
    measure,
    offers,
    ops,
    order,
    pages_push,
    problems,
    security,
    sessions,
    talk,
    work,
)
from webdesk.hub import Hub
from webdesk.ops import policy_check
from webdesk.services import Services, open_blocking_redis, open_redis
from webdesk.store import Pool

BLUEPRINTS = (
    auth.bp,
    desk.bp,
    events.bp,
    dispositions.bp,
    lookup.bp,
    history.bp,
    offers.bp,
    pages_push.bp,
    entries.bp,
    *desk_orders.BLUEPRINTS,
    *work.BLUEPRINTS,
    floor.bp,
    *board.BLUEPRINTS,
    ops.bp,
    policy_check.bp,
    api.bp,
    health.bp,
)

#: Database connections of one worker; requests are short, streams hold none.
POOL_SIZE = 8


def create_app(settings: Settings | None = None) -> Flask:
    """The application of one worker process.

    Nothing is asked of PostgreSQL or Redis yet: a worker starts while they are away and answers
    ``/readyz`` with 503 until they are back.
    """
    settings = settings or load_settings()
    app = Flask(__name__)
    commands = open_redis(settings.redis)
    pool = open_pool(settings.database, size=POOL_SIZE, name="web")
    app.extensions["cordboard"] = Services(
        settings=settings,
        pool=pool,
        redis=commands,
        hub=Hub(commands, open_blocking_redis(settings.redis)),
        offers=_offers_pool(settings) or pool,
        decider=open_decider_sync(settings),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    measure.init_app(app)
    problems.init_app(app)
    security.init_app(app, settings)
    sessions.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    talk.init_app(app)
    order.init_app(app)
    return app


def _offers_pool(settings: Settings) -> Pool | None:
    """Connections to the offers, when they are in a database of their own."""
    if not settings.is_split:
        return None
    return open_pool(settings.offers_database, size=POOL_SIZE, name="web-offers")
