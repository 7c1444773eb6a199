"""Options that several commands share, or that are too many for arguments: each field of a dataclass is one."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_type_hints


def with_options(**groups: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that gives a command the options of these dataclasses, after its own.

    Args:
        groups: by the name of the command's argument that takes an instance.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        def call(**given: Any) -> None:
            made = {
                name: group(**{each.name: given.pop(each.name) for each in fields(group)})
                for name, group in groups.items()
            }
            command(**made, **given)

        own = inspect.signature(command, eval_str=True).parameters.values()
        kept = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own if each.name not in groups]
        parameters = [*kept, *(parameter for group in groups.values() for parameter in _parameters(group))]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # what inspect itself reads
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        call.__name__, call.__doc__ = command.__name__, command.__doc__
        return call

    return decorate


def _parameters(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=hints[each.name])
        for each in fields(group)
    ]
