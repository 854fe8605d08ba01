"""``python -m cordboard.shopsite``: the demo shop of this instance, on loopback."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from gevent.pywsgi import WSGIServer  # noqa: E402

from cordboard import logs  # noqa: E402
from cordboard.orders.payment import stand_in_key  # noqa: E402
from cordboard.settings import load_settings  # noqa: E402
from cordboard.shopsite.app import create_app  # noqa: E402
from db.demo.web import SECRETS, shop_url  # noqa: E402
from db.demo.world import PANTRY  # noqa: E402


def main() -> None:
    """Serve until the process is ended."""
    settings = load_settings()
    logs.configure("shop", settings.log_level)
    origins = (shop_url(settings), shop_url(settings, "localhost"))
    key = stand_in_key(settings.secret_key.get_secret_value())
    app = create_app(settings.web, "pantry", SECRETS[PANTRY], origins, key)
    WSGIServer(("127.0.0.1", settings.port("shop")), app, log=None).serve_forever()


if __name__ == "__main__":
    main()
