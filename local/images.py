"""Container images of this machine: a directory packed as a tar file, named by the SHA-256 of its content."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SITE = Path(__file__).with_name("site")
LEFT_OUT = frozenset({"__pycache__"})


@dataclass(frozen=True, slots=True)
class ImageArchive:
    digest: str
    content: bytes


def build(*layers: Path) -> ImageArchive:
    """An image of these directories, each merged over the one before. Equal content has an equal digest."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(_files(*layers).items()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    content = buffer.getvalue()
    return ImageArchive(f"sha256:{hashlib.sha256(content).hexdigest()}", content)


def site_image(release: int, site: Path = SITE) -> ImageArchive:
    """The example site's release: the base with the overlays of every release up to this one."""
    return build(site / "base", *(site / f"release_{number}" for number in range(2, release + 1)))


def _files(*layers: Path) -> Mapping[str, Path]:
    return {
        path.relative_to(layer).as_posix(): path
        for layer in layers
        for path in layer.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }
