"""Work lists of agents, between calls: enrolments to be typed, orders that need a person,
clients to be told, payments to be paid back."""

from __future__ import annotations

from webdesk.work import enrolments, paying_back, rescue, telling

BLUEPRINTS = (enrolments.bp, rescue.bp, telling.bp, paying_back.bp)
