"""``cronmend jobs load``: which jobs start in the same minute, and a proposal that spreads them."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.console import err, fail, out, print_json, write
from cli.jobs import spread
from cli.jobs.files import DEFAULT, Environment, FileArgument, read_valid
from cli.jobs.job import jobs_of
from cli.jobs.spread import Herd, Move, Placed, Proposal
from cli.tables import print_rows
from cli.toml_files.commands import AsJson, FileOption, chosen_file
from cli.toml_files.source import Source
from cronmend.alerting.headlines import short
from cronmend.wording import times

_SHOWN = 10
_NAMED = 5
_COLUMNS = ("Together", "In a week", "Next", "Names")


@dataclass(frozen=True, slots=True)
class _Edit:
    """A line of a file, with a schedule before and after."""

    move: Move
    file: str
    line: int
    before: str
    after: str


def load(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    suggest: Annotated[bool, typer.Option("--suggest", help="Print a proposal as a diff of the file.")] = False,
    write_: Annotated[bool, typer.Option("--write", help="With --suggest: change the file.")] = False,
    most: Annotated[int, typer.Option(min=1, help="How many jobs may start in the same minute.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Show which jobs start in the same minute in the coming week.

    With --suggest, propose other minutes. Nothing is written without --write.
    """
    if write_ and not suggest:
        raise fail("--write needs --suggest.", 2)
    now = datetime.now(UTC)
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    jobs = jobs_of(source.tables)
    known = spread.placed(jobs, now)
    if rates := [each.name for each in jobs if spread.is_unplaced(each)]:
        err.print(f"Not counted, because they have no start: {short(rates, _NAMED)}.")
    if suggest:
        _suggest(source, spread.proposal(known, most), as_json=as_json, writes=write_)
    else:
        _show(known, now, as_json=as_json)


def _show(known: Sequence[Placed], now: datetime, *, as_json: bool) -> None:
    found = spread.herds(known, now)
    if as_json:
        print_json([_of_herd(each) for each in found])
        return
    if not found:
        out.print("No two jobs start in the same minute.")
        return
    out.print(Text(f"At most {times(len(found[0].jobs), 'job')} start in the same minute.", style="bold"))
    print_rows(_COLUMNS, [_row(each) for each in found[:_SHOWN]])
    if len(found) > _SHOWN:
        out.print(f"{len(found) - _SHOWN} smaller groups are not shown; --json has them.")


def _row(each: Herd) -> tuple[str, ...]:
    at = f"{each.next:%a %H:%M} UTC"
    return str(len(each.jobs)), times(each.times, "time"), at, short(each.jobs, _NAMED)


def _of_herd(each: Herd) -> dict[str, object]:
    return {"jobs": list(each.jobs), "times_a_week": each.times, "next": each.next.isoformat()}


def _suggest(source: Source, found: Proposal, *, as_json: bool, writes: bool) -> None:
    edits, by_hand = _edits(source, found.moves)
    texts = {name: _text(name) for name in {each.file for each in edits}}
    changed = dict(spread.edits(texts, [(each.file, each.line, each.before, each.after) for each in edits]))
    if as_json:
        moves = [_of_edit(each) for each in (*edits, *by_hand)]
        print_json({"most_before": found.most_before, "most_after": found.most_after, "moves": moves})
    else:
        write("".join(_diff(texts, changed)))
        _say(found, by_hand)
    if writes:
        for name, text in changed.items():
            Path(name).write_text(text, encoding="utf-8", newline="")
        err.print("Written. Run `cronmend jobs build`, and deploy.")


def _text(name: str) -> str:
    """With its own ends of lines."""
    return Path(name).read_text(encoding="utf-8", newline="")


def _of_edit(each: _Edit) -> dict[str, object]:
    return {"job": each.move.job.name, "file": each.file, "line": each.line, "before": each.before, "after": each.after}


def _edits(source: Source, moves: Sequence[Move]) -> tuple[Sequence[_Edit], Sequence[_Edit]]:
    """Those that the file's line shows in one piece, and those that a person has to write."""
    found = [_edit(source, each) for each in moves]
    lines = {name: _text(name).split("\n") for name in {each.file for each in found}}
    whole = [lines[each.file][each.line - 1].count(each.before) == 1 for each in found]
    return (
        [each for each, is_whole in zip(found, whole, strict=True) if is_whole],
        [each for each, is_whole in zip(found, whole, strict=True) if not is_whole],
    )


def _edit(source: Source, move: Move) -> _Edit:
    written = str(source.tables["jobs"][move.job.name]["schedule"])
    place = source.location("jobs", move.job.name, "schedule")
    return _Edit(move, place.file, place.line, written, spread.as_written(written, move))


def _diff(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name, text in sorted(after.items()):
        old, new = (each.splitlines(keepends=True) for each in (before[name], text))
        yield from difflib.unified_diff(old, new, name, name)


def _say(found: Proposal, by_hand: Sequence[_Edit]) -> None:
    if not found.moves:
        err.print("Nothing to move: few enough jobs start together, or none of them may be moved.")
        return
    for each in by_hand:
        err.print(f"{each.file}:{each.line}: write {each.after} for {each.move.job.name} yourself.")
    err.print(
        f"{times(len(found.moves), 'job')} would move: at most {found.most_after} start in one minute, now "
        f"{found.most_before}. This is a proposal: the file doesn't say which jobs have to run after others. "
        "`fixed_time = true` keeps a job where it is."
    )
