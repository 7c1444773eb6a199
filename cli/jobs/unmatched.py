"""Policies that match no live schedule, and live schedules without a policy. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Unmatched:
    policies: tuple[str, ...]
    """Jobs with a policy and without a schedule."""
    schedules: tuple[str, ...]
    """Jobs with a schedule and without a policy."""

    def nearest(self, job: str) -> str:
        """The live schedule that the policy's name may be meant for; ``""`` if no name is near."""
        return next(iter(get_close_matches(job, self.schedules, n=1, cutoff=0.8)), "")


def unmatched(policies: Collection[str], live: Collection[str]) -> Unmatched:
    """
    Args:
        policies: the IDs of the jobs that have a policy.
        live: those of the live schedules and rules that start tasks.
    """
    return Unmatched(tuple(sorted(set(policies) - set(live))), tuple(sorted(set(live) - set(policies))))


def groups(policies: Collection[str], own: str) -> Iterator[str]:
    """The schedule groups to compare with: the file's own, then those of its policies. Rules are one group."""
    yield from dict.fromkeys([own, *(job.partition("/")[0] for job in sorted(policies))])
