"""Names derived from content: a re-run or timer that is planned twice has one name."""

import hashlib


def stable_key(incident: str, number: int) -> str:
    """26 hex digits that name an attempt in ``startedBy`` (once limited to 36 characters), clientToken and timers."""
    return hashlib.sha256(f"{incident}/{number}".encode()).hexdigest()[:26]
