"""The board of a location: its orders, live in every browser that shows it.

Whoever works at a location sees its board and nothing else; supervisors and ops choose one.
"""

from __future__ import annotations

from webdesk.board import moves, pages, stream

BLUEPRINTS = (pages.bp, moves.bp, stream.bp)

__all__ = ["BLUEPRINTS"]
