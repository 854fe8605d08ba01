"""Operations: what callers and visitors meet, edited in the browser, every change audited.

One blueprint a page, all below ``/ops``. ``menu.py`` lists the pages, ``edits.py`` is how each of
them changes a row: checked, once, told to whoever edits the same row, and written down.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from webdesk.ops import (
    acceptance,
    audit,
    decision_policy,
    decisions,
    do_not_call,
    estimates,
    forms,
    groups,
    home,
    menu,
    models,
    offer_rules,
    offers,
    pages,
    policy,
    presence,
    refusals,
    requests,
    routing,
    secrets,
    usage,
    usual,
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
    offers,
    offer_rules,
    decision_policy,
    what_if,
    decisions,
    acceptance,
    estimates,
    models,
    usual,
    policy,
    do_not_call,
    groups,
    secrets,
    webhooks,
    usage,
    audit,
)

#: Longest form, octets: a rule as JSON or a script, every letter of it written as %E2%82%AC, fits,
#: so that too long a text comes back with a sentence and is not lost.
MAX_FORM = 512 * 1024

bp = Blueprint("ops", __name__, url_prefix="/ops")
bp.add_url_rule("", "page", home.page)
bp.app_context_processor(menu.for_templates)
bp.add_app_template_filter(forms.first_sentence)
for page in PAGES:
    bp.register_blueprint(page.bp)


@bp.url_value_preprocessor
def make_room(_: str | None, __: dict[str, Any] | None) -> None:
    """Before anything reads the form."""
    request.max_content_length = MAX_FORM
    request.max_form_memory_size = MAX_FORM
