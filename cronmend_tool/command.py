"""The entry point of the installed command.

In the wheel, the packages of this repository are below this one, and only this process imports them by their own
names. In a clone, they are beside it, and the editable install finds them.
"""

import sys
from pathlib import Path

PLACE = Path(__file__).parent


def find_packages() -> None:
    if (PLACE / "cli").is_dir():
        sys.path[:0] = [str(PLACE), str(PLACE / "functions")]


def run() -> None:
    find_packages()
    from cli.main import run as command  # noqa: PLC0415 # found only now

    command()
