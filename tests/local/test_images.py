"""Images are directories; pulling one really asks a registry."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.fargate.errors import StartFailed
from local.fargate.pull import Puller
from local.images import build, site_image
from local.registry import Registry, reference


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as running:
        yield running


def layer(directory: Path, **files: str) -> Path:
    directory.mkdir()
    for name, text in files.items():
        (directory / f"{name}.txt").write_text(text)
    return directory


def test_equal_content_has_an_equal_digest(tmp_path: Path) -> None:
    first, second = layer(tmp_path / "first", a="1", b="2"), layer(tmp_path / "second", a="1", b="2")
    assert build(first) == build(second)
    (second / "b.txt").write_text("3")
    assert build(first).digest != build(second).digest


def test_a_later_layer_covers_an_earlier_one(tmp_path: Path, registry: Registry) -> None:
    image = build(layer(tmp_path / "base", a="1", b="2"), layer(tmp_path / "overlay", b="3"))
    pulled = Puller(registry.address, tmp_path / "cache").pull(registry.push("site", 1, image))
    assert pulled.digest == image.digest
    assert {path.name: path.read_text() for path in pulled.directory.iterdir()} == {"a.txt": "1", "b.txt": "3"}


def test_the_releases_of_the_site_differ() -> None:
    assert len({site_image(release).digest for release in (1, 2, 3)}) == 3


def test_a_tag_is_resolved_again_but_its_content_cached(tmp_path: Path, registry: Registry) -> None:
    puller = Puller(registry.address, tmp_path / "cache")
    name = registry.push("site", "prod", build(layer(tmp_path / "old", a="1")))
    before = puller.pull(name)
    assert puller.pull(name) == before
    registry.push("site", "prod", build(layer(tmp_path / "new", a="2")))
    assert puller.pull(name).digest != before.digest
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_hanging_registry_is_an_io_timeout(tmp_path: Path, registry: Registry) -> None:
    name = registry.push("site", 1, build(layer(tmp_path / "base", a="1")))
    registry.hang(2)
    started = time.monotonic()
    with pytest.raises(StartFailed, match=r"CannotPullContainerError: .* retried 2 time.* i/o timeout$") as failed:
        Puller(registry.address, tmp_path / "cache", timeout=0.2).pull(name)
    assert 0.4 <= time.monotonic() - started < 5
    assert f"failed to resolve ref {name}" in failed.value.reason
    assert Puller(registry.address, tmp_path / "cache").pull(name).digest


def test_a_missing_tag(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(StartFailed, match=r"site:9: not found$"):
        Puller(registry.address, tmp_path / "cache").pull(reference("site", 9))


def test_no_registry_at_all(tmp_path: Path) -> None:
    with Registry() as registry:
        address = registry.address
    with pytest.raises(StartFailed, match="connection refused"):
        Puller(address, tmp_path / "cache").pull(reference("site", 1))
