"""Publish a generated file: the functions use it within a minute, without a deploy."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import err, out
from cli.on_call.stack import CommandError, Stack
from cli.toml_files.findings import count
from cronmend.adapters.ledger.published import File, Published

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
_STYLE = {"+": "green", "-": "red", "~": "yellow"}


@dataclass(frozen=True, slots=True)
class Difference:
    sign: str
    """``+`` new, ``-`` removed, ``~`` changed."""
    what: str


def publish(stack: Stack, file: File, text: str, bare: str, by: str, *, dry_run: bool) -> None:  # as options
    """Show the differences from what was published last, then publish the text.

    Args:
        bare: a file whose entries have every default, which aren't shown of a new entry.
        by: who publishes; ``""`` for the name in the credentials.

    Raises:
        CommandError: the stack doesn't use published files, or another person published meanwhile.
    """
    if not stack.takes_published:
        raise CommandError(
            f"Stack '{stack.name}' uses the {file} of its package. Deploy it with PolicySource=published, then publish."
        )
    before = stack.published.read(file)
    found = list(differences(_content(before.text) if before else {}, _content(text), _defaults(bare)))
    for each in found:
        out.print(Text.assemble((each.sign, _STYLE[each.sign]), f" {each.what}"))
    if before and before.text == text:
        err.print(f"{_since(before)} Nothing has changed.")
        return
    if dry_run:
        err.print(f"{_since(before)} {count(len(found), 'difference')}. Nothing was published.")
        return
    new = Published(text, by or stack.person, datetime.now(UTC), before.number + 1 if before else 1)
    if not stack.published.replace(file, new):
        raise CommandError(f"Another person published {file} meanwhile. Run the command again to see what differs now.")
    err.print(f"Published {count(len(found), 'difference')}. The functions use them within a minute.")


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Iterator[Difference]:
    """Between two generated files: of each named table, each key."""
    for section in sorted({*before, *after}):
        old, new = _named(before.get(section, {})), _named(after.get(section, {}))
        yield from (Difference("-", name) for name in sorted(old.keys() - new.keys()))
        yield from (
            Difference("+", f"{name}: {_shown(new[name], defaults)}") for name in sorted(new.keys() - old.keys())
        )
        for name in sorted(old.keys() & new.keys()):
            keys = sorted(key for key in {*old[name], *new[name]} if old[name].get(key) != new[name].get(key))
            changes = ", ".join(f"{key}: {_text(old[name].get(key))} → {_text(new[name].get(key))}" for key in keys)
            if changes:
                yield Difference("~", f"{name}: {changes}")


def _named(section: Mapping[str, Any] | list[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    if isinstance(section, list):
        return {f"rule {number}": each for number, each in enumerate(section, 1)}
    return section


def _shown(table: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    own = [f"{key} {_text(value)}" for key, value in table.items() if value != defaults.get(key)]
    return ", ".join(own) or "the defaults"


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _content(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    del content["version"]
    return content


def _defaults(bare: str) -> Mapping[str, Any]:
    """The values of the only entry of the file."""
    return {
        key: value
        for section in _content(bare).values()
        for each in _named(section).values()
        for key, value in each.items()
    }


def _since(before: Published | None) -> str:
    return f"Published by {before.by} at {before.at:%Y-%m-%d %H:%M} UTC." if before else "Nothing is published yet."
