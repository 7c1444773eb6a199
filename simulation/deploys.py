"""The deploys of a history: in which order the schedules, the migration and the service move, and what fails."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulation.chance import Chance

MINUTE = 60.0
ORDERS = ("schedule_first", "schedule_first", "migration_late", "service_first", "safe")
ENDS = ("finished", "finished", "finished", "migration_failed", "rolled_back", "cancelled")
SETTINGS = ("", "", "", "set", "forgotten")
HOOKS = ("none", "none", "markers", "task", "pipeline", "wrong")


@dataclass(frozen=True, slots=True)
class Deploy:
    name: str
    revision: int
    """The revision that it brings."""
    start: float
    order: str
    end: str
    hook: str
    breaks: bool
    """Whether the new schema breaks older code."""
    needs: bool
    """Whether the new code needs the new schema."""
    reverts: bool = False
    """Whether people deploy the former revision again some time after the end."""
    cleans: bool = False
    """Whether its tool deregisters the former revision when it registers the new one."""
    setting: str = ""
    """Of a setting that the new code needs: ``set`` when the service serves it, or ``forgotten``; ``""`` for none."""


@dataclass(frozen=True, slots=True)
class Step:
    """``word`` is what happens: the schedules, the database or the service change, or only the pipeline's state."""

    at: float
    word: str


def deploys(chance: Chance, start: float, clear: float) -> list[Deploy]:
    """Up to three, of which two may overlap. The revision counts on whether or not an earlier one is left out."""
    count = int(chance.number("deploys") * 4)
    found: list[Deploy] = []
    for number in range(count):
        name = f"deploy/{number}"
        begin = chance.between(start + 600, clear - 4 * 3600, f"{name}/at")
        if number and chance.likely(0.2, f"{name}/twice"):
            begin = found[-1].start + chance.between(60, 900, f"{name}/after")
        found.append(_deploy(chance, name, number + 2, begin))
    return [each for each in sorted(found, key=lambda each: each.start) if chance.keeps(each.name)]


def _deploy(chance: Chance, name: str, revision: int, start: float) -> Deploy:
    return Deploy(
        name=name,
        revision=revision,
        start=start,
        order=chance.one(ORDERS, f"{name}/order"),
        end=chance.one(ENDS, f"{name}/end"),
        hook=chance.one(HOOKS, f"{name}/hook"),
        breaks=chance.likely(0.15, f"{name}/breaks"),
        needs=chance.likely(0.8, f"{name}/needs"),
        reverts=chance.likely(0.15, f"{name}/reverts"),
        cleans=chance.likely(0.12, f"{name}/cleans"),
        setting=chance.one(SETTINGS, f"{name}/setting"),
    )


def steps(deploy: Deploy, chance: Chance) -> Iterator[Step]:
    """The steps in order of time. A deploy that breaks off has no further steps."""
    gap = chance.between(30, 4 * MINUTE, f"{deploy.name}/gap")
    words = {
        "schedule_first": ("schedules", "migrating", "migrated", "service", "served"),
        "migration_late": ("schedules", "service", "served", "migrating", "migrated"),
        "service_first": ("service", "schedules", "migrating", "migrated", "served"),
        "safe": ("migrating", "migrated", "schedules", "service", "served"),
    }[deploy.order]
    yield Step(deploy.start - 5, "started")
    yield Step(deploy.start, "register")
    at = deploy.start
    for word in words:
        if word == "served" and chance.likely(0.15, f"{deploy.name}/bakes"):
            at += chance.between(1800, 7200, f"{deploy.name}/bake")
        if word == "served" and chance.likely(0.1, f"{deploy.name}/pauses"):  # for a person's approval
            at += chance.between(7200, 36000, f"{deploy.name}/pause")
        at += gap * (0.5 + chance.number(f"{deploy.name}/{word}"))
        if word == "migrated" and deploy.end == "migration_failed":
            yield Step(at, "migration_failed")
            yield Step(at + 1, "failed")
            return
        if word == words[3] and deploy.end == "cancelled":
            yield Step(at, "cancelled")
            return
        if word == "served" and deploy.end == "rolled_back":
            yield Step(at, "rolled_back")
            yield Step(at + 1, "failed")
            return
        yield Step(at, word)
    yield Step(at + 5, "finished")
    if deploy.reverts:
        yield Step(at + chance.between(10 * MINUTE, 90 * MINUTE, f"{deploy.name}/reverted"), "reverted")
