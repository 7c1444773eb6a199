"""The mark of the line that decided, in an excerpt; apart from the layout, which loads much more. Pure."""

from collections.abc import Sequence
from typing import Final

MARK: Final = "→ "


def marked(excerpt: Sequence[str]) -> int | None:
    """The index of the line that decided; None if none is marked."""
    return next((number for number, line in enumerate(excerpt) if line.startswith(MARK)), None)
