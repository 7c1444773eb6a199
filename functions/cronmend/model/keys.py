"""Names that follow from what they name, so that the same thing planned twice has one name."""

import hashlib


def stable_key(incident: str, number: int) -> str:
    """Names one attempt everywhere: in ``startedBy``, which once held only 36 characters, as clientToken, as timer."""
    return hashlib.sha256(f"{incident}/{number}".encode()).hexdigest()[:26]
