"""Why a failure that would have passed wasn't re-run, and why one that doesn't pass was, as far as observed."""

from collections.abc import Callable, Sequence

from simulation.sight import HOUR, Run, Sight, modes

SOON = 120.0
"""Seconds from a failed run's record within which it is re-run if nothing blocks the re-run."""
LATE = 1800.0
"""Seconds from a run's end after which its record is too late for most re-runs."""
UNEXPLAINED = "unexplained"


def why_missed(sight: Sight, run: Run) -> str:
    """The first reason that applies."""
    return next((reason for reason, applies in MISSED if applies(sight, run)), UNEXPLAINED)


def why_false(before: Run, rerun: Run) -> str:
    """Why the re-run after that failure was made."""
    if before.maybe == "deploy":
        return "a deploy may have explained it"
    if before.cause == "half_done":
        return "nothing showed that the migration would never run"
    if before.recorded is None or before.recorded > rerun.created:
        return "it wasn't on record yet"
    return "an earlier failure of the incident passes" if not before.ok else "its log couldn't be read"


def _known(run: Run) -> float:
    return run.recorded or run.stopped or run.created


def _is_unclear(sight: Sight, run: Run) -> bool:
    return run.recorded is None or run.recorded_as != run.job


def _is_late(sight: Sight, run: Run) -> bool:
    return _known(run) - (run.stopped or run.created) > LATE


def _is_off(sight: Sight, run: Run) -> bool:
    return modes(sight, _known(run), _known(run) + HOUR) != {"heal"}


def _is_disabled(sight: Sight, run: Run) -> bool:
    state = sight.state(run.job, _known(run) + SOON)
    return not (state and state["enabled"])


def _is_unread(sight: Sight, run: Run) -> bool:
    return any(each["name"] == f"log/{run.task}" for each in sight.of_kind["fault"])


def _is_old(sight: Sight, run: Run) -> bool:
    return _known(run) + SOON - (run.slot or run.created) > float(sight.jobs[run.job]["stale"])


def _is_beside(sight: Sight, run: Run) -> bool:
    return any(each.is_alive(_known(run) + SOON) for each in sight.of_job[run.job] if each is not run)


def _is_spent(sight: Sight, run: Run) -> bool:
    day = (each for each in sight.reruns() if each.job == run.job and each.incident)
    used = sum(run.created - 24 * HOUR < each.created <= run.created for each in day)
    return used >= int(sight.jobs[run.job]["attempts"])


def _has_next(sight: Sight, run: Run) -> bool:
    own = (each for each in sight.of_job[run.job] if each.by in {"schedule", "refused"})
    return any(0 < each.created - _known(run) < HOUR for each in own)


def _is_away(sight: Sight, run: Run) -> bool:
    return sight.away(run.stopped or run.created, _known(run) + HOUR) > 0


def _comes_later(sight: Sight, run: Run) -> bool:
    return any(each.by == "cronmend" and each.created > run.created for each in sight.of_job[run.job])


MISSED: Sequence[tuple[str, Callable[[Sight, Run], bool]]] = (
    ("its job wasn't certain", _is_unclear),
    ("its event or its evidence came half an hour late", _is_late),
    ("the mode wasn't heal", _is_off),
    ("its schedule was disabled or deleted", _is_disabled),
    ("its log couldn't be read", _is_unread),
    ("its slot was older than stale_after", _is_old),
    ("another run of the job was active", _is_beside),
    ("the job's re-runs were used", _is_spent),
    ("the next scheduled run came first", _has_next),
    ("the deploy, or the cause, lasted for longer than an hour", _comes_later),
    ("a service was away", _is_away),
)
"""Each reason with its check. The first reason that applies is the one given."""
