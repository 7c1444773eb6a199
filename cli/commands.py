"""A group of commands whose modules are imported when one of them is used.

boto3, the simulation and Slack's client take more than a second to import, and most commands need none of them. The
list of commands shows the first lines of help, which are read from the source.
"""

import ast
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

_STATEMENT = r"^(?:def {0}\(|{0} = ).*?(?=^[^\s)]|\Z)"
"""A function or an assignment of this name; the next statement follows. To parse all modules would take as long as
everything else."""


class LazyGroup(TyperGroup):
    """A subclass names its commands."""

    places: ClassVar[Mapping[str, str]] = {}
    """Each command's place, in the order of the list: ``<module>:<name of a function or a typer.Typer>``."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        names: Any = dict.fromkeys(self.places)
        self.commands = names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Only its name and its help, for the list."""
        place = self.places.get(cmd_name)
        return place and TyperCommand(name=cmd_name, help=_help(place), callback=None)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, found, rest = super().resolve_command(ctx, args)
        return name, found and self.loaded(str(name)), rest

    def loaded(self, name: str) -> Any:
        """The whole command, with its module imported."""
        module, _, attribute = self.places[name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_group(found)
        app = typer.Typer(add_completion=False)
        app.command(name)(found)
        return get_command(app)


def _help(place: str) -> str:
    """The docstring of the function, or the ``help`` of the :class:`typer.Typer`."""
    module, _, name = place.partition(":")
    if (written := re.search(_STATEMENT.format(name), _source(module), re.MULTILINE | re.DOTALL)) is None:
        raise LookupError(f"{place} is no command")
    match ast.parse(written[0]).body:
        case [ast.FunctionDef() as function]:
            return ast.get_docstring(function) or ""
        case [ast.Assign(value=ast.Call(keywords=keywords))]:
            return next((ast.literal_eval(word.value) for word in keywords if word.arg == "help"), "")
        case _:
            raise LookupError(f"{place} is no command")


@cache
def _source(module: str) -> str:
    spec = find_spec(module)
    return Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
