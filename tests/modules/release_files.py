"""The files of a release, as `make release` puts them beside a module, with archives that are not."""

from pathlib import Path

from cli.installing.template import FUNCTIONS, packaged
from tests import ROOT

NAMES = {FUNCTIONS.format(architecture=each) for each in ("arm64", "x86_64")} | {"template.yaml"}


def write(place: Path) -> None:
    place.mkdir()
    for name in NAMES:
        (place / name).write_text(name, encoding="utf-8")
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    (place / "template.yaml").write_text(packaged(template), encoding="utf-8")
