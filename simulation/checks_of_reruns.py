"""The promises about the runs that Cronmend starts: invariants 2 to 5 and 7. Shares no code with Cronmend."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from simulation.sight import READING, Run, Sight, Violation, latest, modes

PER_DAY = 12  # re-runs of a job: six for causes of AWS, and six for all others
PER_HOUR = 30
OF_AWS = 3  # re-runs of an incident for causes of AWS, besides those that its policy allows


def _broken(invariant: int, kind: str, run: Run, text: str) -> Violation:
    return Violation(invariant, kind, run.job, run.created, f"re-run {run.task}: {text}")


def allowed(sight: Sight) -> Iterator[Violation]:
    """2: the policy allows each re-run, each attempt starts one task, and a manual run was requested."""
    tokens = Counter(run.started_by for run in sight.reruns())
    for run in sight.reruns():
        if tokens[run.started_by] > 1:
            yield _broken(2, "attempt twice", run, f"the token {run.started_by} started {tokens[run.started_by]} tasks")
        if not run.incident:
            if not sight.was_asked(run.job, run.created):
                yield _broken(2, "unasked", run, "no one requested it")
            continue
        before = _failure_before(sight, run)
        policy = (before and before.policy) or sight.jobs[run.job]["policy"]
        if policy == "never":
            yield _broken(2, "policy never", run, "the policy is never")
        if policy == "unstarted" and before and before.ran:
            yield _broken(2, "policy unstarted", run, f"the policy is unstarted, and {before.task} ran code")


def _known(sight: Sight, run: Run) -> Iterator[Run]:
    """The job's runs that were on record when the run was started."""
    own = (each for each in sight.of_job[run.job] if each.recorded_as == run.job)
    return (each for each in own if max(each.created, each.recorded or run.created) < run.created)


def _failure_before(sight: Sight, run: Run) -> Run | None:
    """The failure that it repeats; None if the job's newest run on record succeeded, and a hold made it miss a slot."""
    newest = latest(_known(sight, run))
    return newest if newest and newest.failed else None


def _own_before(sight: Sight, run: Run) -> Run | None:
    """The failure, itself no re-run, that it repeats; None if its incident began with a slot that a hold missed."""
    first = next((each for each in sight.reruns() if each.incident == run.incident), run)
    own = (each for each in _known(sight, run) if each.failed and not each.incident)
    return latest(own) if run.incident and _failure_before(sight, first) else None


def alone(sight: Sight) -> Iterator[Violation]:
    """3: never while another run is active, never next to a slot's own run that is about to start."""
    for run in sight.reruns():
        forced = not run.incident and sight.was_asked(run.job, run.created, force=True)
        for other in (each for each in sight.of_job[run.job] if each is not run):
            just_now = run.created - other.created < READING
            unseen = other.by == "hand" or (other.by == "schedule" and forced)
            if other.is_alive(run.created) and not (unseen and just_now):
                yield _broken(3, f"beside {other.by}", run, f"{other.task} of {other.by} was running")
            if other.slot and other.slot <= run.created < other.created and not forced:
                yield _broken(3, "slot pending", run, f"slot {other.slot:.0f} was due, its run {other.task} followed")


def in_time(sight: Sight) -> Iterator[Violation]:
    """3: never after the slot is too old, never for a schedule that is disabled or deleted."""
    for run in sight.reruns():
        forced = not run.incident and sight.was_asked(run.job, run.created, force=True)
        states = [sight.state(run.job, at) for at in (run.created - READING, run.created)]
        if not forced and not any(state and state["enabled"] for state in states):
            yield _broken(3, "disabled", run, "the schedule is disabled or deleted")
        own = _own_before(sight, run)
        age = run.created - (own.slot or own.created) if own else 0.0
        if own and age > sight.jobs[run.job]["stale"] + READING:
            yield _broken(3, "slot too old", run, f"the slot of {own.task} was {age / 3600:.1f} hours ago")


def bounded(sight: Sight) -> Iterator[Violation]:
    """4: limits per incident, per job and day, and per hour over all jobs; the mode stops healing."""
    starts = list(sight.reruns())
    for number, run in enumerate(starts):
        earlier = [each for each in starts[: number + 1] if each.created > run.created - 3600]
        if len(earlier) > PER_HOUR:
            yield _broken(4, "hour", run, f"{len(earlier)} re-runs in an hour")
        mine = [each for each in starts[: number + 1] if each.job == run.job and each.incident]
        if run.incident and sum(each.created > run.created - 86400 for each in mine) > PER_DAY:
            yield _broken(4, "day", run, "too many re-runs of the job in a day")
        most = sight.jobs[run.job]["attempts"]
        good = [each.stopped for each in sight.of_job[run.job] if each.succeeded and each.stopped]
        chain = sum(each.created > max((at for at in good if at <= run.created), default=0.0) for each in mine)
        if run.incident and chain > (most + OF_AWS if most else 0):
            yield _broken(4, "incident", run, f"{chain} re-runs without a success, and the policy allows {most}")
        if run.incident and "heal" not in modes(sight, run.created - READING, run.created):
            yield _broken(4, "mode", run, "healing is switched off")


def explained(sight: Sight) -> Iterator[Violation]:
    """5: a failure that nothing explains is not repeated. If a deploy only may explain it, it is repeated once."""
    for run in (each for each in sight.reruns() if each.incident):
        before = _failure_before(sight, run)
        if before and (not before.known or before.maybe == "alone"):
            yield _broken(5, "unknown", run, f"nothing shows why {before.task} failed")
        if before and before.incident and before.maybe and (first := _failure_before(sight, before)) and first.maybe:
            yield _broken(5, "tried again", run, f"the re-run {before.task} had failed as {first.task} did")


def as_scheduled(sight: Sight) -> Iterator[Violation]:
    """7: the target is the schedule's current one."""
    for run in (each for each in sight.reruns() if each.target):
        states = [sight.state(run.job, at) for at in (run.created - READING, run.created)]
        targets = [state["target"] for state in states if state and "target" in state]
        used, launch = ((run.target or {}).get(name) for name in ("taskDefinition", "launchType"))
        if targets and (used, launch) not in [(each["TaskDefinitionArn"], each.get("LaunchType")) for each in targets]:
            yield _broken(7, "target", run, f"it used {used}, which the schedule doesn't")


INVARIANTS: Sequence[Callable[..., Iterator[Violation]]] = (allowed, alone, in_time, bounded, explained, as_scheduled)
