"""The closed sets of words used in routes, policies and rules, and :data:`TRAITS`, with a row per category."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Traits(Struct, frozen=True, kw_only=True):
    """Everything the code asks of a category.

    The defaults are the cautious answers: alert people, don't re-run, refuse the category in a rule row.
    """

    cause: str
    """The cause in a headline; follows a colon."""
    rule_sentence: str = ""
    """How the sentence of a rule's diagnosis starts, before the line that matched. ``""`` if no rule may give this
    category: then a diagnosis step gives it, or there was no run to diagnose."""
    story: str = "failed"
    """What happened to the job, told after its end."""
    verdict: str = ""
    """What a headline says of the job; ``""`` for ``failed`` and its like."""
    status: str = ""
    """The same as a status, in one or two words."""
    silent: str = ""
    """Why no one is alerted and nothing is re-run; ``""`` if a failure of this category needs one of the two."""
    heals: bool = False
    """A later run may succeed without any change."""
    unsure: bool = False
    """Nothing shows whether a later run would succeed."""
    needs_person: bool = False
    """Only a person can fix it: in a log it outweighs a temporary error that follows it."""
    deploy_explains: bool = False
    """In an open deploy window it becomes a ``deploy_race``, unless the rule says otherwise."""
    waits_for_deploy: bool = False
    """A re-run waits until the deploy ends."""
    shows_deploy: bool = False
    """Headlines name the missing column or table and the state of the deploy."""
    of_aws: bool = False
    """AWS failed: re-runs use a budget of their own, not the job's."""
    at_once: bool = False
    """Nothing has run, and whoever should have started the run has tried for long enough: the first re-run isn't
    delayed."""
    any_image: bool = False
    """The cause is not in the image: one outage hits jobs of all images, and their failures share a cause."""
    explains_kill: bool = False
    """A log that shows this category explains an exit by SIGKILL or SIGTERM."""


class Category(StrEnum):
    """What ended a run. A closed set, since users route alerts by these words.

    Each has a row in :data:`TRAITS`. Nothing else lists categories.
    """

    SUCCESS = "success"
    DEPLOY_RACE = "deploy_race"
    SCHEMA_MISMATCH = "schema_mismatch"
    APPLICATION_ERROR = "application_error"
    CONFIGURATION_ERROR = "configuration_error"
    OUT_OF_MEMORY = "out_of_memory"
    DEPENDENCY_UNAVAILABLE = "dependency_unavailable"
    INFRASTRUCTURE = "infrastructure"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    UNEXPECTED_OUTPUT = "unexpected_output"
    NEVER_STARTED = "never_started"
    MISSED = "missed"
    OVERDUE = "overdue"

    @property
    def traits(self) -> Traits:
        return TRAITS[self]


TRAITS: Final[Mapping[Category, Traits]] = {
    Category.SUCCESS: Traits(cause="it succeeded", silent="the job succeeded"),
    Category.DEPLOY_RACE: Traits(
        cause="it failed during a deploy",
        story="ran into a deploy",
        heals=True,
        waits_for_deploy=True,
        shows_deploy=True,
    ),
    Category.SCHEMA_MISMATCH: Traits(
        cause="the code and the database schema don't match",
        rule_sentence="The code and the database schema don't match",
        deploy_explains=True,
        shows_deploy=True,
    ),
    Category.APPLICATION_ERROR: Traits(
        cause="a bug or bad data",
        rule_sentence="The job has a bug or bad data",
        needs_person=True,
    ),
    Category.CONFIGURATION_ERROR: Traits(
        cause="its configuration is wrong",
        rule_sentence="The job's configuration is wrong",
        needs_person=True,
    ),
    Category.OUT_OF_MEMORY: Traits(
        cause="it ran out of memory",
        story="ran out of memory",
        rule_sentence="The job ran out of memory",
        explains_kill=True,
    ),
    Category.DEPENDENCY_UNAVAILABLE: Traits(
        cause="a service that it needs wasn't available",
        story="lacked a service that it needs",
        rule_sentence="A service that the job needs wasn't available",
        heals=True,
        any_image=True,
    ),
    Category.INFRASTRUCTURE: Traits(
        cause="AWS couldn't run it",
        story="couldn't be run by AWS",
        rule_sentence="AWS couldn't run the job",
        heals=True,
        of_aws=True,
        any_image=True,
    ),
    Category.TIMEOUT: Traits(
        cause="it exceeded a time limit",
        story="exceeded a time limit",
        rule_sentence="The job exceeded a time limit",
        explains_kill=True,
    ),
    Category.CANCELLED: Traits(
        cause="it was stopped on purpose",
        rule_sentence="The run was stopped on purpose",
        silent="the run was stopped on purpose",
    ),
    Category.UNKNOWN: Traits(cause="cause unknown", unsure=True),
    Category.UNEXPECTED_OUTPUT: Traits(cause="its log isn't as expected", unsure=True),
    Category.NEVER_STARTED: Traits(
        cause="its task was never started",
        story="was never started",
        verdict="never started",
        status="never started",
        heals=True,
        of_aws=True,
        at_once=True,
        any_image=True,
    ),
    Category.MISSED: Traits(
        cause="it missed its scheduled time",
        story="missed its scheduled time",
        verdict="missed its scheduled time",
        status="not run",
        waits_for_deploy=True,
        any_image=True,
    ),
    Category.OVERDUE: Traits(
        cause="it took too long",
        story="took too long",
        rule_sentence="Cronmend stopped the run because it took too long",
        verdict="is overdue",
        status="overdue",
        heals=True,
    ),
}

RULE_CATEGORIES: Final = tuple(category for category, row in TRAITS.items() if row.rule_sentence)
"""The categories that a rule row may give."""


class Policy(StrEnum):
    """When the owner of a job allows a re-run."""

    SAFE = "safe"
    """Any failed run may be repeated: running the job twice does no harm."""
    UNSTARTED = "unstarted"
    """Only a run whose container never ran code may be repeated."""
    NEVER = "never"


class CatchUp(StrEnum):
    """What the owner of a job wants if a slot had no run."""

    NONE = "none"
    ONCE = "once"
    """One run for all slots that were missed."""


class Follow(StrEnum):
    """Whether Cronmend keeps a schedule on the revision that the service runs, and how sure a deploy's end must be."""

    NONE = "none"
    SERVICE = "service"
    """Moved when the end of the service's deploy is proved."""
    ASSUMED = "service_assumed"
    """Moved when the end is assumed, too."""


class OnOverdue(StrEnum):
    """What the owner of a job wants if a run is still alive after its ``max_runtime``."""

    ALERT = "alert"
    STOP = "stop"
    """Alert people, and stop the run. What follows is decided as for any failed run."""


class ScheduleState(StrEnum):
    """Whether the schedule that starts a job will start it again."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    UNKNOWN = "unknown"
    """Cronmend found no schedule for the run, or can't tell which of several it is."""
    DELETED = "deleted"
    """It was there when the run failed, and is no longer."""


class Mode(StrEnum):
    """The one switch for all healing."""

    HEAL = "heal"
    SHADOW = "shadow"
    """Decide and record, but run nothing; alerts say what Cronmend would have done."""
    OFF = "off"


class WindowState(StrEnum):
    """Whether a job's code and the database's schema may disagree now."""

    OPEN = "open"
    RECENT = "recent"
    """The deploy just ended: a run that started before its end may have failed because of it."""
    CLOSED = "closed"
    STUCK = "stuck"
    """Open for longer than a deploy takes, or the migration failed."""
    OLDER_CODE = "older_code"
    """The run used older code than the service: a re-run of the same revision can't help."""
    UNKNOWN = "unknown"


class Proof(StrEnum):
    """How sure the end of a deploy is. Only a migration's own success proves that the schema is new."""

    PROVED = "proved"
    """The migration task ended with exit code 0, or the pipeline sent the marker ``migrated``."""
    ASSUMED = "assumed"
    """The rollout is complete, the pipeline finished, or the revisions are equal: the migration may not have run."""


class Signal(StrEnum):
    """The source that decided the state of a deploy window, strongest first."""

    MARKER = "pipeline_marker"
    MIGRATION_TASK = "migration_task"
    PIPELINE = "pipeline_state"
    """CodePipeline or CodeDeploy: it shows that a deploy is in progress, but not whether the database is migrated."""
    REVISION = "revision_differs"
    SERVICE_DEPLOYMENT = "service_deployment"
    FIRST_RUN = "first_run_on_image"
    NONE = "none"


SEVERITIES = ("info", "warning", "error", "critical")
