"""The CI runner: runs the site's management commands outside ECS, for teams that migrate from their pipeline."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.aws import search_path
from local.fargate.pull import unpack
from local.images import site_image
from local.patience import PATIENCE

HUNG = 124
"""The exit code of a command that is stopped because it hangs, as `timeout` has it."""


@dataclass(frozen=True, slots=True)
class Completed:
    code: int
    output: str


class SiteRunner:
    """Runs ``manage.py`` of a release on the site's database.

    Args:
        directory: where the releases are unpacked.
        environment: the site's variables, mainly its database.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = environment

    def manage(self, release: int, *arguments: str) -> Completed:
        """Run ``python manage.py …`` of this release. The caller checks the exit code."""
        try:
            done = subprocess.run(  # noqa: S603 - the example site's own command
                [sys.executable, "manage.py", *arguments],
                cwd=self._release(release),
                env={"PATH": search_path(), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            output = error.output.decode() if isinstance(error.output, bytes) else error.output or ""
            return Completed(HUNG, f"{output}It was still running after {PATIENCE:.0f} seconds.")
        return Completed(done.returncode, done.stdout)

    def _release(self, number: int) -> Path:
        image = site_image(number)
        directory = self._directory / image.digest.removeprefix("sha256:")
        if not directory.is_dir():
            unpack(image.content, image.digest, directory)
        return directory
