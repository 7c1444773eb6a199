"""What a run needs besides its task definition: roles, and secrets, parameters and certificates by name."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class NeedKind(StrEnum):
    ROLE = "role"
    SECRET = "secret"  # noqa: S105 # a word
    """Of Secrets Manager."""
    PARAMETER = "parameter"
    """Of Systems Manager."""
    CERTIFICATE = "certificate"
    """Of Certificate Manager."""
    IMAGE = "image"
    """Of a registry of ECR."""


class Need(Struct, frozen=True):
    """Something of the account that AWS describes by its name."""

    kind: NeedKind
    name: str
    """Of a role or a parameter; an image's reference; of others, the ARN."""


class Described(Struct, frozen=True):
    """What AWS says of it. No value of a secret is ever read."""

    exists: bool = True
    is_deleted: bool = False
    """Whether it is scheduled for deletion: a secret can be restored until then, and can't be read."""
    set_at: datetime | None = None
    """Since when it has its present value; of a certificate, since when it is valid."""
    ends_at: datetime | None = None
    """When it expires; None if it never does."""
    trust: Mapping[str, Any] = field(default_factory=dict)
    """A role's trust policy."""


GONE = Described(exists=False)
