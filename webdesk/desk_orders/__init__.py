"""Orders of regular customers at the desk: the half-made one of a call, what clients prefer."""

from __future__ import annotations

from webdesk.desk_orders import panel, prefer

BLUEPRINTS = (panel.bp, prefer.bp)
