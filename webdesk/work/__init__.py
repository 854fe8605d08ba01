"""Work lists of agents, between calls: enrolments to be typed, orders that need a person."""

from __future__ import annotations

from webdesk.work import enrolments, rescue

BLUEPRINTS = (enrolments.bp, rescue.bp)
