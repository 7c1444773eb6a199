"""Which schedules follow their service, for the functions that move them or watch them."""

from dataclasses import replace

from cronmend.deploys.holds import Which
from cronmend.jobs.policies import Policies
from cronmend.model import Follow
from cronmend.settings import Settings
from cronmend.wiring.shared import policies_of


def following_policies(settings: Settings) -> Policies:
    """A job that isn't in jobs.toml follows only if the stack lets all do so, and none does if the stack lets none."""
    known = policies_of(settings)
    if settings.follow is Which.NONE:
        jobs = {job: replace(policy, follow=Follow.NONE) for job, policy in known.jobs.items()}
        return replace(known, jobs=jobs)
    follow = Follow.SERVICE if settings.follow is Which.ALL else Follow.NONE
    return replace(known, defaults=replace(known.defaults, follow=follow))
