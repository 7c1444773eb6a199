"""The files of a release that no other tool makes: the functions' archives, the packaged template, the checksums."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.console import err
from cli.installing.release import TEMPLATE
from cli.installing.template import FUNCTIONS, packaged

CHECKSUMS = "SHA256SUMS"
_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that an archive can hold: the same content gives the same bytes."""
_READABLE = 0o644 << 16
"""Lambda runs the files as a user of its own, who has to be able to read them."""

app = typer.Typer(no_args_is_help=True, help="Build the files of a release.")
Directory = Annotated[Path, typer.Argument(show_default=False)]


@app.command()
def archive(directory: Directory, architecture: str, to: Directory) -> None:
    """Pack the functions and their libraries for one architecture."""
    _pack(to / FUNCTIONS.format(architecture=architecture), _below(directory))


@app.command()
def terraform(module: Directory, release: Directory, to: Path) -> None:
    """Pack the Terraform module and the files of the release that it deploys."""
    files = {f"release/{name}": path for name, path in _below(release).items()}
    _pack(to, {**_below(module), **files})


@app.command()
def template(source: Directory, to: Directory) -> None:
    """Package the template of a directory."""
    text = (source / "template.yaml").read_text(encoding="utf-8")
    (to / TEMPLATE).write_text(packaged(text), encoding="utf-8")


@app.command()
def checksums(directory: Directory) -> None:
    """Write the SHA-256 of each file in a directory, as `sha256sum --check` reads them."""
    every = sorted(path for path in directory.iterdir() if path.name != CHECKSUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in every]
    (directory / CHECKSUMS).write_text("".join(lines), encoding="utf-8")
    err.print(*lines, sep="", end="")


def _below(directory: Path) -> dict[str, Path]:
    return {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}


def _pack(archive: Path, files: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _SAME_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _READABLE
            made.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    app()
