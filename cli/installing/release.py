"""The release in this package: the functions for both architectures, and the template that names them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import cronmend_tool
from cli.installing.template import FUNCTIONS
from cli.on_call.stack import CommandError

PLACE = Path(cronmend_tool.__file__).parent / "release"
TEMPLATE = "template.yaml"
_DIGITS = 16


@dataclass(frozen=True)
class Release:
    version: str
    place: Path

    @property
    def template(self) -> Path:
        return self.place / TEMPLATE

    def files(self, architecture: str) -> Mapping[str, Path]:
        """Name below the prefix → file, of all that a stack of this architecture reads."""
        names = (FUNCTIONS.format(architecture=architecture), TEMPLATE)
        return {name: self.place / name for name in names}

    @cached_property
    def prefix(self) -> str:
        """Differs between any two builds."""
        digest = hashlib.sha256()
        for path in sorted(self.place.iterdir()):
            digest.update(path.name.encode() + path.read_bytes())
        return f"cronmend/{self.version}-{digest.hexdigest()[:_DIGITS]}/"


def installed() -> Release:
    """
    Raises:
        CommandError: the package was built without the functions.
    """
    if not (PLACE / TEMPLATE).exists():
        raise CommandError(
            "This installation contains no built functions. Install a release's wheel; in a clone, use `make deploy`."
        )
    return Release(version("cronmend"), PLACE)
