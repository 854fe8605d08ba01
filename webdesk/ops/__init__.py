"""Operations: what callers and visitors meet, edited in the browser, every change audited.

One blueprint a page, all below ``/ops``. ``menu.py`` lists the pages, ``edits.py`` is how each of
them changes a row: checked, once, told to whoever edits the same row, and written down.
"""

from __future__ import annotations

from flask import Blueprint

from webdesk.ops import (
    audit,
    decisions,
    do_not_call,
    forms,
    groups,
    home,
    menu,
    pages,
    policy,
    presence,
    refusals,
    requests,
    routing,
    secrets,
    usage,
    webhooks,
    what_if,
)

#: In the order of the menu.
PAGES = (
    requests,
    refusals,
    routing,
    pages,
    presence,
    policy,
    do_not_call,
    what_if,
    decisions,
    groups,
    secrets,
    webhooks,
    usage,
    audit,
)

bp = Blueprint("ops", __name__, url_prefix="/ops")
bp.add_url_rule("", "page", home.page)
bp.app_context_processor(menu.for_templates)
bp.add_app_template_filter(forms.first_sentence)
for page in PAGES:
    bp.register_blueprint(page.bp)
