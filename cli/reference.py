"""``python -m cli.reference``: docs/commands.md, made from the commands' own help."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

import typer

from cli.commands import LazyGroup
from cli.main import app
from cli.toml_files.commands import OnlyCheck, write_generated

PLACE: Final = Path("docs/commands.md")
_HEAD: Final = """\
# Commands

Each command of `cronmend`, from its own help. `cronmend COMMAND --help` shows the same, and the defaults. Each command
that uses a deployed stack takes `--stack-name`, `--profile` and `--region`, and honors `AWS_PROFILE` and `AWS_REGION`.
"""
_EVERYWHERE: Final = {"--help", "--stack-name", "--profile", "--region"}


def text() -> str:
    group = typer.main.get_command(app)
    return "\n".join((_HEAD, *(_section(path, each) for path, each in _commands(group, ("cronmend",)))))


def _commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Groups have no section of their own."""
    lazy = {name: group.loaded(name) for name in group.places} if isinstance(group, LazyGroup) else {}
    for name, each in sorted((lazy or getattr(group, "commands", {})).items()):
        if isinstance(each, LazyGroup) or getattr(each, "commands", None):
            yield from _commands(each, (*path, name))
        else:
            yield (*path, name), each


def _section(path: tuple[str, ...], command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not _EVERYWHERE & {*each.opts}]
    usage = " ".join((*path, *(f"[{_name(each)}]" if not each.required else _name(each) for each in arguments)))
    rows = [*map(_argument, arguments), *map(_option, options)]
    table = ["", "| | |", "| --- | --- |", *rows] if rows else []
    return "\n".join((f"## `{usage}`", "", cleandoc(command.help or ""), *table, ""))


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _argument(argument: Any) -> str:
    return f"| `{_escaped(_name(argument))}` | {_escaped(argument.help or '')} |"


def _option(option: Any) -> str:
    """An option with a value shows what the value is."""
    value = "" if option.is_flag or option.count else f" {option.metavar or option.name.upper()}"
    names = ", ".join(f"`{each}{value}`" for each in option.opts)
    return f"| {_escaped(names)} | {_escaped(option.help or '')} |"


def _escaped(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|").replace("<", "\\<")


def write(only_check: OnlyCheck = False) -> None:
    """Write it if it is stale, or with --check only compare."""
    command = "python -m cli.reference"
    write_generated({PLACE: text()}, Path(), file=Path("cli/main.py"), command=command, only_check=only_check)


if __name__ == "__main__":
    typer.run(write)
