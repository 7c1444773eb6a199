"""The settings that the template passes to the functions, read once from the environment."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from cronmend.deploys import ANY_FAMILY, Bounds
from cronmend.deploys.holds import Which
from cronmend.errors import Permanent
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from cronmend.redact import Also, Redactor
from cronmend.redact.own import BadPattern, listed


class Foresee(StrEnum):
    """What may be read besides the task definitions, each with permissions of its own."""

    ROLES = "roles"
    SECRETS = "secrets"
    """Also parameters and certificates."""
    MEMORY = "memory"


class SettingError(Permanent):
    """An environment variable is missing or wrong; the message names it, and the template sets it."""


class Settings(Struct, frozen=True):
    """Every function reads the same variables; those that the template doesn't set for it keep their defaults."""

    ledger_table: str
    record_life: timedelta
    topic_arn: str
    slack_secret_arn: str
    timer_group: str
    timer_role_arn: str
    timer_dlq_arn: str
    rerun_function_arn: str
    rerun_queue_arn: str
    """The target of the timers that trigger ``rerun``."""
    deploy_state_function_arn: str
    board_action_function_arn: str
    """The function that the buttons of ``job_board`` call."""
    queue_url: str
    """The function's own queue; ``""`` if it has none."""
    dead_letters_url: str
    """Where that queue's events go that the function can't handle."""
    alert_function_arn: str
    """``failure_alert``: the target of its own timers."""
    alert_dlq_url: str
    group_for: timedelta
    """How long a conversation collects further failures before it is flushed."""
    slack_buttons: bool
    slack_signing_secret_arn: str
    slack_allowed: tuple[str, ...]
    """IDs of the Slack users and user groups that may use the buttons."""
    clusters: tuple[str, ...]
    """The ARNs of the watched clusters."""
    pipelines: Mapping[str, str]
    """CodePipeline pipelines and CodeDeploy applications by name → the family that each deploys, ``*`` for all."""
    migration_commands: tuple[str, ...]
    hold: Which
    follow: Which
    mode_parameter: str
    default_policy: Policy
    stale_after: timedelta
    """How long after its slot a re-run of a job that isn't in jobs.toml may still start."""
    limits: Limits
    bounds: Bounds
    budget: Budget
    published: bool
    """Whether policies and routes are those that a person published, not the packaged ones."""
    foresee: frozenset[Foresee]
    """What reconcile reads besides, to see a failure before it happens."""
    image_repositories: tuple[str, ...]
    """Names or patterns of the ECR repositories whose images reconcile may look for."""
    reads_pushes: bool
    """Whether ECR may be asked when an image was pushed."""
    stop_overdue: bool
    """Whether a run may be stopped that takes longer than its job's ``max_runtime``."""
    hide: Redactor
    """Removes secrets from a log before any of it is stored or sent."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raises SettingError for the first variable that is missing or wrong."""
        return cls(
            ledger_table=_text(env, "LEDGER_TABLE"),
            record_life=timedelta(days=_number(env, "RECORD_DAYS", 90)),
            topic_arn=env.get("TOPIC_ARN", ""),
            slack_secret_arn=env.get("SLACK_SECRET_ARN", ""),
            timer_group=env.get("TIMER_GROUP", ""),
            timer_role_arn=env.get("TIMER_ROLE_ARN", ""),
            timer_dlq_arn=env.get("TIMER_DLQ_ARN", ""),
            rerun_function_arn=env.get("RERUN_FUNCTION_ARN", ""),
            rerun_queue_arn=env.get("RERUN_QUEUE_ARN", ""),
            deploy_state_function_arn=env.get("DEPLOY_STATE_FUNCTION_ARN", ""),
            board_action_function_arn=env.get("BOARD_ACTION_FUNCTION_ARN", ""),
            queue_url=env.get("QUEUE_URL", ""),
            dead_letters_url=env.get("DEAD_LETTERS_URL", ""),
            alert_function_arn=env.get("ALERT_FUNCTION_ARN", ""),
            alert_dlq_url=env.get("ALERT_DLQ_URL", ""),
            group_for=_seconds(env, "GROUP_SECONDS", timedelta(minutes=5)),
            slack_buttons=bool(env.get("SLACK_SIGNING_SECRET_ARN", "")),
            slack_signing_secret_arn=env.get("SLACK_SIGNING_SECRET_ARN", ""),
            slack_allowed=tuple(_listed(env, "SLACK_ALLOWED")),
            clusters=tuple(f"{env.get('CLUSTER_ARN_PREFIX', '')}{name}" for name in _listed(env, "CLUSTERS")),
            pipelines=_pipelines(env, "PIPELINES"),
            migration_commands=tuple(_listed(env, "MIGRATION_COMMANDS")),
            hold=_choice(env, "HOLD_SCHEDULES", Which.NONE),
            follow=_choice(env, "FOLLOW", Which.NONE),
            mode_parameter=env.get("MODE_PARAMETER", ""),
            default_policy=_choice(env, "DEFAULT_RERUN_POLICY", Policy.UNSTARTED),
            stale_after=_seconds(env, "STALE_AFTER_SECONDS", JobPolicy().stale_after),
            limits=_limits(env, Limits()),
            bounds=_bounds(env, Bounds()),
            budget=_budget(env, Budget()),
            published=is_published(env),
            foresee=_words(env, "FORESEE", Foresee),
            image_repositories=tuple(_listed(env, "IMAGE_REPOSITORIES")),
            reads_pushes=env.get("READ_PUSH_TIMES", "") == "true",
            stop_overdue=env.get("STOP_OVERDUE_RUNS", "") == "true",
            hide=redactor(env, "REDACT_ALSO", "REDACT_PATTERNS"),
        )


def _text(env: Mapping[str, str], name: str) -> str:
    if not (value := env.get(name, "")):
        raise SettingError(f"{name} is not set: deploy the function with template.yaml, which sets it")
    return value


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not value.isdecimal():
        raise SettingError(f"{name} is {value!r}: write a whole number")
    return int(value)


def _seconds(env: Mapping[str, str], name: str, default: timedelta) -> timedelta:
    return timedelta(seconds=_number(env, name, int(default.total_seconds())))


def _limits(env: Mapping[str, str], default: Limits) -> Limits:
    return Limits(
        recheck_after=_seconds(env, "RECHECK_SECONDS", default.recheck_after),
        alert_deadline=_seconds(env, "ALERT_DEADLINE_SECONDS", default.alert_deadline),
        max_attempts=_number(env, "MAX_ATTEMPTS", default.max_attempts),
        max_infra_attempts=_number(env, "MAX_INFRASTRUCTURE_ATTEMPTS", default.max_infra_attempts),
        max_memory=_number(env, "MAX_MEMORY_MIB", default.max_memory),
    )


def _bounds(env: Mapping[str, str], default: Bounds) -> Bounds:
    return Bounds(
        deploy_limit=_seconds(env, "DEPLOY_LIMIT_SECONDS", default.deploy_limit),
        recent=_seconds(env, "DEPLOY_RECENT_SECONDS", default.recent),
        believed=_seconds(env, "DEPLOY_BELIEVED_SECONDS", default.believed),
    )


def _budget(env: Mapping[str, str], default: Budget) -> Budget:
    return Budget(
        per_day=_number(env, "MAX_RERUNS_PER_DAY", default.per_day),
        per_hour=_number(env, "MAX_RERUNS_PER_HOUR", default.per_hour),
    )


def _listed(env: Mapping[str, str], name: str) -> list[str]:
    return [part for raw in env.get(name, "").split(",") if (part := raw.strip())]


def _pipelines(env: Mapping[str, str], name: str) -> Mapping[str, str]:
    """``site-prod=webapp, tools``: a pipeline without a family deploys all of them."""
    pairs = (entry.partition("=") for entry in _listed(env, name))
    found = {pipeline.strip(): family.strip() or ANY_FAMILY for pipeline, _, family in pairs}
    if "" in found:
        raise SettingError(f"{name} is {env[name]!r}: write pipeline=family, or the pipeline's name alone")
    return found


def is_published(env: Mapping[str, str]) -> bool:
    return env.get("POLICY_SOURCE", "") == "published"


def redactor(env: Mapping[str, str], also: str, patterns: str) -> Redactor:
    """The redactor with a team's own options, which have these names in ``env``.

    Raises:
        SettingError: an option has a wrong value.
    """
    try:
        return Redactor(_words(env, also, Also), listed(env.get(patterns, "")))
    except BadPattern as error:
        raise SettingError(f"{patterns}: {error}") from None


def _words[E: StrEnum](env: Mapping[str, str], name: str, kind: type[E]) -> frozenset[E]:
    known = {each.value: each for each in kind}
    if wrong := [word for word in _listed(env, name) if word not in known]:
        raise SettingError(f"{name} names {wrong[0]!r}: write some of {', '.join(known)}, or nothing")
    return frozenset(known[word] for word in _listed(env, name))


def _choice[E: StrEnum](env: Mapping[str, str], name: str, default: E) -> E:
    value = env.get(name, default.value)
    try:
        return type(default)(value)
    except ValueError:
        choices = ", ".join(each.value for each in type(default))
        raise SettingError(f"{name} is {value!r}: write one of {choices}") from None
