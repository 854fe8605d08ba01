"""Operations: what callers and visitors meet, edited in the browser, every change audited.

One blueprint a page, all below ``/ops``. ``menu.py`` lists the pages, ``edits.py`` is how each of
them changes a row: checked, once, told to whoever edits the same row, and written down.
"""

from __future__ import annotations

from flask import Blueprint

from webdesk.ops import home, menu, usage, webhooks

bp = Blueprint("ops", __name__, url_prefix="/ops")
bp.add_url_rule("", "page", home.page)
bp.app_context_processor(menu.for_templates)
for page in (usage.bp, webhooks.bp):
    bp.register_blueprint(page)
