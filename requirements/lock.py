"""Pin every package with its hashes: run.txt for production, dev.txt for work on Cordboard.

One file serves each Python from 3.11 on. dev.txt comes first, and run.txt takes its versions.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent

COMPILE = [
    sys.executable,
    *("-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
    *("--python-version", "3.11", "--no-emit-index-url", "--no-emit-find-links"),
    *("--custom-compile-command", "make lock", "pyproject.toml", "requirements/build.in"),
]


def main() -> None:
    """Write both files; ``--upgrade`` is what makes this more than a check."""
    dev, run = HERE / "dev.txt", HERE / "run.txt"
    subprocess.run([*COMPILE, "--upgrade", "--extra", "dev", "-o", str(dev)], cwd=ROOT, check=True)
    subprocess.run([*COMPILE, "--upgrade", "-c", str(dev), "-o", str(run)], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
