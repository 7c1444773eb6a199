"""What a schedule starts, for those who don't read the schedule. Pure."""

from cronmend.deploys.holds import is_marked
from cronmend.deploys.migrations import is_migration
from cronmend.jobs import definitions
from cronmend.jobs.identity import kept_name, passed_on
from cronmend.jobs.slots import family_of
from cronmend.jobs.work import digest_of_schedule, overrides_of, roles_of
from cronmend.model import LiveSchedule
from cronmend.model.keys import stable_key
from cronmend.model.timetables import TARGET_FORM, Target


def target_of(schedule: LiveSchedule) -> Target:
    overrides, (task_role, execution_role) = overrides_of(schedule), roles_of(schedule)
    return Target(
        has_dead_letters=bool(schedule.dead_letters),
        is_held=is_marked(schedule.description),
        work=_work(schedule),
        definition=definitions.of_target(schedule),
        migrates=any(is_migration(each.command) for each in overrides),
        runs=digest_of_schedule(schedule),
        role=schedule.role,
        task_role=task_role,
        execution_role=execution_role,
        containers=tuple(each.name for each in overrides if each.command or each.environment),
        form=TARGET_FORM,
    )


def _work(schedule: LiveSchedule) -> str:
    """All by which a run is attributed to its schedule: see :mod:`cronmend.jobs.identity`."""
    if schedule.job in passed_on(schedule):
        return ""
    commands = sorted((each.name, each.command) for each in overrides_of(schedule) if each.command)
    return stable_key(repr((kept_name(schedule.job), schedule.cluster_arn, family_of(schedule), commands)), 0)
