"""Schedules that follow a service: what keeps them on its revision, and how many deploy races are left with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cronmend.incoming.own_payloads import COMPARE
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import Follow
from cronmend.use_cases.evidence import Deploys
from cronmend.use_cases.healing.followed_services import FollowedServices
from cronmend.use_cases.healing.following import FollowServices
from cronmend.use_cases.healing.leased_switches import LeasedSwitches
from cronmend.use_cases.healing.mover import Mover
from simulation.account import Account, Modes, Schedules, Switches
from simulation.jobs import Job
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas
from simulation.stores import Stores

type Over = Callable[[str, Any], Any]
"""Puts a port behind the simulation's seam."""
EVERY = 300.0
"""How often ``reconcile`` has the schedules compared, in seconds."""


def following(job: Job, follow: Follow) -> Job:
    """The job as its owner wants it; a rule follows nothing."""
    return replace(job, policy=replace(job.policy, follow=follow)) if not job.is_rule else job


def follows(policy: JobPolicy) -> bool:
    return policy.follow is not Follow.NONE


def compared(kernel: Kernel, lambdas: Lambdas, jobs: Iterable[Job]) -> None:
    """Let ``reconcile`` have the schedules compared, if any follows."""
    if any(follows(job.policy) for job in jobs):
        _compared(kernel, lambdas, 0)


def _compared(kernel: Kernel, lambdas: Lambdas, number: int) -> None:
    lambdas.invoke("deploy_state", f"compare/{number}", COMPARE, kernel.now)
    kernel.at(kernel.now + EVERY, lambda: _compared(kernel, lambdas, number + 1))


def switched(over: Over, stores: Stores, account: Account, policies: Policies, now: Callable[[], datetime]) -> Any:
    """What holds and releases schedules. Without one that follows, no lease is read."""
    switches = over("scheduler", Switches(account))
    is_needed = any(map(follows, policies.jobs.values()))
    return LeasedSwitches(switches, over("ledger", stores.followings), now) if is_needed else switches


def follower(over: Over, stores: Stores, account: Account, deploys: Deploys, policies: Policies) -> FollowServices:
    followings = over("ledger", stores.followings)
    mover = Mover(
        followings=followings,
        schedules=over("scheduler", Schedules(account, rules=False)),
        moves=over("scheduler", Switches(account)),
        holds=over("ledger", stores.holds),
        notices=over("ledger", _Notices(stores)),
        reports=over("ledger", stores.followings),
    )
    return FollowServices(
        followings=followings,
        timetables=over("ledger", stores.timetables),
        services=FollowedServices(deploys, _NoRevisions()),
        mover=mover,
        modes=over("parameters", Modes(account)),
        policy=policies.of,
        is_allowed=any(map(follows, policies.jobs.values())),
    )


@dataclass(slots=True)
class _Notices:
    """Quiet lines about moves are kept apart: no promise is about them."""

    stores: Stores
    seen: set[str] = field(default_factory=set)

    def add(self, message: Any, now: Any) -> bool:
        is_new = message.incident not in self.seen
        self.seen.add(message.incident)
        return is_new


class _NoRevisions:
    """Every job runs the service's own family, or one without a service."""

    def active(self, family: str) -> tuple[()]:
        return ()
