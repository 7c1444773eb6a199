"""The options that select your stack for `cronmend`, from its samconfig.toml; the Makefile uses them."""

import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from cli.console import fail, reason_of, write
from cli.deploying.init import SETTINGS
from cli.on_call.options import STACK


def options(directory: Path) -> str:
    """The options for a shell, such as ``--stack-name cronmend --region eu-west-2``.

    Raises:
        Exit: the directory has no settings, or they aren't TOML.
    """
    path = directory / SETTINGS
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise fail(f"Can't read '{path}': {reason_of(error)}. Name the directory of the stack: ACCOUNT=…") from error
    return shlex.join(_options(document.get("default", {}).get("global", {}).get("parameters", {})))


def _options(settings: dict[str, Any]) -> Iterator[str]:
    for name, default in (("stack_name", STACK), ("region", ""), ("profile", "")):
        if value := settings.get(name, default):
            yield from (f"--{name.replace('_', '-')}", str(value))


def _main(directory: Path) -> None:
    write(options(directory))


if __name__ == "__main__":
    typer.run(_main)
