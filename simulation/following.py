"""Schedules that follow a service: which do, and what keeps them on its revision."""

from collections.abc import Callable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model import Follow
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.healing.followed_services import FollowedServices
from cronmend.use_cases.healing.following import FollowServices
from cronmend.use_cases.healing.leased_switches import LeasedSwitches
from cronmend.use_cases.healing.mover import Mover
from simulation.account import Account
from simulation.account_ports import Definitions, Modes, Schedules, Switches
from simulation.chance import Chance
from simulation.jobs import Job
from simulation.lambdas import Lambdas
from simulation.stores import Stores

type Over = Callable[[str, Any], Any]
"""Puts a port behind the simulation's seam."""


def following(job: Job, chance: Chance, follow: Follow | None) -> Job:
    """The job as its owner wants it; a rule follows nothing.

    Args:
        follow: of every job; None to let some of the jobs follow, in some histories.
    """
    if follow is None:
        kinds = (Follow.SERVICE, Follow.SERVICE, Follow.ASSUMED, Follow.NONE)
        follow = chance.one(kinds, f"follow/{job.name}") if chance.likely(0.2, "follows") else Follow.NONE
    return replace(job, policy=replace(job.policy, follow=follow)) if not job.is_rule else job


def follows(policy: JobPolicy) -> bool:
    return policy.follow is not Follow.NONE


@dataclass
class Comparison:
    """``reconcile`` has ``deploy_state`` compare the schedules with the services that they follow."""

    lambdas: Lambdas
    is_needed: bool
    count: int = 0

    def pass_on(self, event: Mapping[str, Any]) -> None:
        if self.is_needed:
            self.count += 1
            self.lambdas.invoke("deploy_state", f"compare/{self.count}", event, self.lambdas.now + 0.1)


def switched(over: Over, stores: Stores, account: Account, policies: Policies, now: Callable[[], datetime]) -> Any:
    """The port that holds and releases schedules. It reads leases only if a job follows a service."""
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
        notices=over("ledger", stores.notices),
        reports=over("ledger", stores.followings),
    )
    return FollowServices(
        followings=followings,
        timetables=over("ledger", stores.timetables),
        services=FollowedServices(deploys, _NoRevisions(), over("ecs", Definitions(account))),
        mover=mover,
        modes=over("parameters", Modes(account)),
        policy=policies.of,
        is_allowed=any(map(follows, policies.jobs.values())),
    )


class _NoRevisions:
    """Every job runs the service's own family, or one without a service."""

    def active(self, family: str) -> tuple[()]:
        return ()
