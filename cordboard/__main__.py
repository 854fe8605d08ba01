"""``python -m cordboard …``: the command line, for programs that start it."""

from __future__ import annotations

from cordboard.cli import main

if __name__ == "__main__":
    main()
