"""Work lists of agents, between calls: enrolments to be typed, orders that need a person,
payments to be paid back."""

from __future__ import annotations

from webdesk.work import enrolments, paying_back, rescue

BLUEPRINTS = (enrolments.bp, rescue.bp, paying_back.bp)
