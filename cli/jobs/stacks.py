"""Which stack a job is in: CloudFormation accepts 500 resources and 1 MB in each.

A job stays in the stack that has it: to move one is to create its schedule in a stack while another still has it, which
CloudFormation refuses. So the built templates are the record of where each job is, and a new job goes to the first
stack with room (ADR 87).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path

import yaml

from cli.jobs.job import Job
from cronmend.errors import Permanent

FIRST = Path("schedules/template.yaml")
MOST_JOBS = 200
"""Two resources each; the rest of 500 is for the first stack's own resources and the stacks nested in it."""
FILLED_BYTES = 600_000
"""A stack with this much takes no new job, so that the commands of its jobs can grow."""
MOST_BYTES = 1_000_000
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
_NUMBERED = re.compile(r"template-(?P<number>[1-9][0-9]*)\.yaml")
_SCHEDULE = re.compile(r"^    Type: AWS::Scheduler::Schedule\n    Properties:\n      Name: (?P<name>.+)$", re.M)

type Stacks = Mapping[int, tuple[Job, ...]]
"""The jobs of each stack by its number; 1 is the first, in which the others are nested."""


def path_of(stack: int) -> Path:
    return FIRST if stack == 1 else FIRST.with_name(f"template-{stack}.yaml")


def recorded(root: Path) -> Mapping[str, int]:
    """The stack of each job by the templates that were built before."""
    folder = root / FIRST.parent
    numbered = {
        int(match["number"]): path for path in folder.glob("*.yaml") if (match := _NUMBERED.fullmatch(path.name))
    }
    found: dict[str, int] = {}
    for number, path in sorted({1: root / FIRST, **numbered}.items(), reverse=True):
        found |= dict.fromkeys(_names(path), number)
    return found


def placed(jobs: Iterable[Job], known: Mapping[str, int], size: Callable[[Job], int]) -> Stacks:
    """The managed jobs by stack, each in the one that has it, or else in the first with room.

    Args:
        known: the stack of each job so far, by name.
        size: bytes of a job's part of a template.
    """
    managed = sorted((job for job in jobs if job.managed), key=lambda job: job.name)
    stacks: dict[int, list[Job]] = {1: []}
    for job in (job for job in managed if job.name in known):
        stacks.setdefault(known[job.name], []).append(job)
    new = [job for job in managed if job.name not in known]
    room = {number: sum(map(size, each)) for number, each in stacks.items()} if new else {}
    for job in new:
        number = next(n for n in count(1) if _has_room(stacks.get(n, []), room.get(n, 0)))
        stacks.setdefault(number, []).append(job)
        room[number] = room.get(number, 0) + size(job)
    return {number: tuple(sorted(each, key=lambda job: job.name)) for number, each in sorted(stacks.items())}


def within_limit(path: Path, text: str) -> str:
    """
    Raises:
        Permanent: the template is larger than CloudFormation accepts.
    """
    if len(text.encode()) > MOST_BYTES:
        remedy = (
            "Shorten the commands and environments of its jobs, or delete some and define them again under other names."
        )
        raise Permanent(f"{path} has {len(text.encode()):,} bytes, but CloudFormation accepts {MOST_BYTES:,}. {remedy}")
    return text


def _has_room(jobs: list[Job], size: int) -> bool:
    return len(jobs) < MOST_JOBS and size < FILLED_BYTES


def _names(path: Path) -> Iterable[str]:
    """By the form in which `build` writes a schedule: to parse thousands of jobs as YAML takes too long."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [str(yaml.safe_load(match["name"])) for match in _SCHEDULE.finditer(text)]
