"""Pull images as Fargate does: the tag is resolved at every start, the content is cached by its digest."""

import hashlib
import io
import json
import re
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from local.fargate.errors import StartFailed
from local.fargate.life import Image
from local.patience import PATIENCE
from local.registry import GATEWAY_TIMEOUT

_REFERENCE = re.compile(r"(?P<host>[^/]+)/(?P<repository>[^:@]+):(?P<tag>[^@]+)")
_TIMED_OUT = "i/o timeout"


class Puller:
    """Pulls from the registry at ``address``, for any host in the reference.

    Args:
        timeout: seconds for each of ``attempts``. The registry itself ends a request that it lets hang.
    """

    def __init__(self, address: str, cache: Path, timeout: float = PATIENCE, attempts: int = 2) -> None:
        self._address = address
        self._cache = cache
        self._timeout = timeout
        self._attempts = attempts

    def pull(self, reference: str) -> Image:
        """The image.

        Raises:
            StartFailed: ``CannotPullContainerError``, with the text of ECS.
        """
        match = _REFERENCE.fullmatch(reference)
        if not match:
            raise _cannot(f"pull image manifest has been retried 1 time(s): failed to resolve ref {reference}")
        repository = f"/v2/{match['repository']}"
        manifest = json.loads(self._get(reference, match["host"], f"{repository}/manifests/{match['tag']}"))
        directory = self._cache / manifest["digest"].removeprefix("sha256:")
        if not directory.is_dir():
            content = self._get(reference, match["host"], f"{repository}/blobs/{manifest['digest']}")
            unpack(content, manifest["digest"], directory)
        return Image(manifest["digest"], directory)

    def _get(self, reference: str, host: str, path: str) -> bytes:
        problem = ""
        for _ in range(self._attempts):
            try:
                url = f"http://{self._address}{path}"
                with urllib.request.urlopen(url, timeout=self._timeout) as answer:
                    content: bytes = answer.read()
                    return content
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == GATEWAY_TIMEOUT:
                    problem = _TIMED_OUT
                    continue
                raise _cannot(
                    f"pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: "
                    f"{reference}: not found"
                ) from error
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                problem = _TIMED_OUT if _is_timeout(error) else "connect: connection refused"
        raise _cannot(
            f"pull image manifest has been retried {self._attempts} time(s): failed to resolve ref {reference}: "
            f'failed to do request: Head "https://{host}{path}": dial tcp {self._address}: {problem}'
        )


def _is_timeout(error: OSError) -> bool:
    return isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)


def _cannot(reason: str) -> StartFailed:
    return StartFailed(f"CannotPullContainerError: {reason}")


def unpack(content: bytes, digest: str, directory: Path) -> None:
    """Unpack into another directory and rename it, so that this directory is always complete."""
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        raise _cannot(f"ref pull has been retried 1 time(s): failed commit on ref: unexpected digest, wanted {digest}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=directory.parent))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(part, filter="data")
    try:
        part.rename(directory)
    except OSError:
        # Another task was faster, with the same content.
        shutil.rmtree(part)
