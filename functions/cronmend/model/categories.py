"""The closed sets of words that people route alerts and write policies by."""

from enum import StrEnum


class Category(StrEnum):
    """What ended a run. A closed set: people route alerts and write policies by these words."""

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
    NEVER_STARTED = "never_started"
    MISSED = "missed"
    OVERDUE = "overdue"


class Policy(StrEnum):
    """When the owner of a job allows a re-run."""

    SAFE = "safe"
    """Running twice does no harm."""
    UNSTARTED = "unstarted"
    """Only a run whose container never ran code may be repeated."""
    NEVER = "never"


class Mode(StrEnum):
    """The one switch over all healing."""

    HEAL = "heal"
    SHADOW = "shadow"
    """Decide and record, but run nothing; alerts say what would have been done."""
    OFF = "off"


class WindowState(StrEnum):
    """Whether a job's code and the database's schema may disagree right now."""

    OPEN = "open"
    RECENT = "recent"
    """Closed moments ago: a run that started before the end may still have died of it."""
    CLOSED = "closed"
    STUCK = "stuck"
    """Open for longer than a deploy takes, or the migration failed."""
    OLDER_CODE = "older_code"
    """The run used older code than the service: a re-run of the same revision can't help."""
    UNKNOWN = "unknown"


class Signal(StrEnum):
    """What told the state of a deploy window, strongest first."""

    MARKER = "pipeline_marker"
    MIGRATION_TASK = "migration_task"
    PIPELINE = "pipeline_state"
    """CodePipeline or CodeDeploy: it knows that a deploy goes on, but not how far the database is."""
    REVISION = "revision_differs"
    SERVICE_DEPLOYMENT = "service_deployment"
    FIRST_RUN = "first_run_on_image"
    NONE = "none"


HEALS_BY_ITSELF = frozenset({Category.DEPLOY_RACE, Category.INFRASTRUCTURE, Category.DEPENDENCY_UNAVAILABLE})
"""What a later run of the same job may survive with nobody changing anything."""


def is_infrastructure(category: Category) -> bool:
    """Whether the budget for failures of AWS pays: the others are the job's own."""
    return category is Category.INFRASTRUCTURE


SEVERITIES = ("info", "warning", "error", "critical")
