"""The parameters and outputs of the stack. Generated from template.yaml by `python -m cli.releasing.modules`."""

from dataclasses import dataclass
from typing import Literal

OutputName = Literal[
    "Version",
    "AlertTopicArn",
    "LedgerTable",
    "ModeParameter",
    "TimerGroupName",
    "TaskStateFunctionName",
    "DeployStateFunctionName",
    "RerunFunctionName",
    "FailureAlertFunctionName",
    "SlackActionFunctionName",
    "SlackActionUrl",
    "TaskStateQueueUrl",
    "RerunQueueUrl",
    "ReconcileFunctionName",
    "JobBoardFunctionName",
    "BoardActionFunctionName",
    "DashboardName",
    "TaskStateDeadLettersUrl",
    "DeployStateDeadLettersUrl",
    "RerunDeadLettersUrl",
    "SlackActionDeadLettersUrl",
    "FailureAlertDeadLettersUrl",
    "ReconcileDeadLettersUrl",
    "TimerDeadLettersUrl",
    "AlertTopicDeadLettersUrl",
]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Values for the parameters of the stack. docs/deploy.md describes them."""

    # What to watch
    cluster: str
    """Names (not ARNs) of the ECS clusters whose scheduled jobs Cronmend watches, at most three, separated by commas,
    such as app-prod,jobs-prod."""
    job_log_groups: str = "*"
    """Names or patterns of the jobs' log groups, up to five, separated by commas, such as /ecs/webapp-*,/ecs/api.
    Cronmend reads no others."""
    task_roles_to_pass: str = "*"
    """Names or patterns of the task and execution roles that a re-run passes to ECS, up to five, separated by commas,
    such as webapp-*,api-task. Narrow it to your jobs' roles."""

    # Jobs that never start or never end
    start_failure_queues: str = ""
    """ARNs of your schedules' own dead-letter queues, up to three, separated by commas. Cronmend handles their messages
    and removes them. Empty for none."""
    watch_run_task: bool = False
    """Whether to read from CloudTrail when ECS refuses EventBridge's RunTask, or answers without a task. Needs a trail
    that logs management events."""
    stop_overdue_runs: bool = False
    """Whether Cronmend may stop a run that takes longer than its job's max_runtime, if the job has on_overdue = "stop"
    in jobs.toml."""
    foresee: str = ""
    """What reconcile reads besides task definitions to see a failure before it happens, separated by commas. roles,
    secrets (with parameters and certificates), memory (Container Insights); empty for none."""

    # Where to send alerts
    alert_email: str = ""
    """Email address that receives alerts and alarms. Empty for none. You can add other subscribers to the topic in the
    outputs."""
    slack_secret_arn: str = ""
    """ARN of the secret (Secrets Manager or SSM SecureString) for Slack: the URL of an incoming webhook, or JSON with a
    bot token and a channel ID. Empty for no Slack."""
    slack_signing_secret_arn: str = ""
    """ARN of the secret with your Slack app's signing secret. Adds buttons to a bot's messages, and a function URL that
    receives the clicks. Empty for none."""
    slack_key_arn: str = ""
    """ARN of your own KMS key that encrypts the Slack secrets. Empty if AWS's keys (aws/secretsmanager, aws/ssm) do."""
    slack_allowed: str = ""
    """IDs of the Slack users and user groups who can use the buttons, separated by commas, such as U012AB3CD,
    S045EF6GH. Empty allows no one."""
    canary_schedule: str = ""
    """When to send a test message to every channel, such as cron(0 9 ? * MON *). In UTC; empty for never."""
    alert_deadline_seconds: int = 3600
    """Longest time in seconds that an alert is held while Cronmend tries to heal the job."""
    group_seconds: int = 300
    """Cronmend sends the first failure with a cause at once. Further failures with the same cause are collected for
    this many seconds and sent as one message."""

    # What to redact besides passwords and keys
    redact_also: str = ""
    """What else to redact in log lines before they are stored or sent, separated by commas. emails, cards (payment card
    numbers), or both; empty for neither."""
    redact_patterns: str = ""
    """Your own patterns to redact (RE2 regular expressions), separated by commas or newlines, such as acct-[0-9]{8}."""

    # Limits for re-runs
    mode: Literal["heal", "shadow", "off"] = "heal"
    """Initial mode; `cronmend mode` changes it. heal re-runs jobs; shadow only reports what it would do; off diagnoses
    and alerts."""
    default_rerun_policy: Literal["never", "unstarted", "safe"] = "unstarted"
    """For jobs without their own policy. never re-runs nothing; unstarted only runs whose code never ran; safe also
    runs that started and failed."""
    max_attempts: int = 3
    """Re-runs of a job in one incident. After the last one, Cronmend gives up and alerts. A job can allow fewer."""
    max_infrastructure_attempts: int = 3
    """The same for AWS failures, counted separately so that they don't use up the job's own re-runs."""
    max_reruns_per_day: int = 6
    """Re-runs of one job in 24 hours. AWS failures and all other causes each have this limit."""
    max_reruns_per_hour: int = 30
    """Re-runs of all jobs together in any 60 minutes. Beyond it, Cronmend re-runs nothing for an hour and sends one
    alert."""
    max_memory_mib: int = 16384
    """The most memory that a job gets after it ran out of memory. Only jobs with memory_step get more memory."""

    # How long a deploy takes
    deploy_limit_seconds: int = 2700
    """Seconds after which a deploy that is still open is treated as half done."""
    deploy_recent_seconds: int = 600
    """Seconds after a deploy ends during which a schema error is still attributed to it."""
    deploy_believed_seconds: int = 86400
    """How many seconds a migration, end or failure that a pipeline or migration task reported still counts."""
    recheck_seconds: int = 300
    """Seconds between two checks of an open deploy, in case no event reports its end. Also the base for other re-run
    delays."""

    # Deploy signals
    pipelines: str = ""
    """CodePipeline pipelines and CodeDeploy applications that deploy the jobs' code, each with its task definition
    family, such as site-prod=webapp. Empty for none."""
    migration_commands: str = ""
    """Commands that migrate your database, in addition to those Cronmend knows, separated by commas, such as
    upgrade-schema, bin/db apply."""
    image_repositories: str = ""
    """Names or patterns of the ECR repositories of the jobs' images, up to five, separated by commas, such as
    webapp,team/*. Cronmend reads when their images were pushed, and whether those of the next runs are there. Empty for
    none."""

    # Hold schedules during a deploy and move them after it
    hold_schedules: Literal["none", "listed", "all"] = "none"
    """Which schedules are held during a deploy, from the marker started to finished or failed. listed means those with
    hold_in_deploys in jobs.toml."""
    follow_services: Literal["none", "listed", "all"] = "none"
    """Which schedules are moved to the revision that their service runs, after its deploy. listed means those with
    follow in jobs.toml, all also those of jobs that it doesn't mention."""
    schedule_roles_to_pass: str = "*"
    """Names or patterns of the roles of held and moved schedules, up to five, separated by commas, such as
    webapp-scheduler. Only used with HoldSchedules and FollowServices."""

    # How Cronmend runs
    dashboard: bool = True
    """Whether to create a CloudWatch dashboard that shows the board. It costs $3 a month if the account has more than
    three dashboards."""
    reserve_concurrency: bool = True
    """Reserve 47 concurrent executions of the account for Cronmend, which are also the most that it uses there. false
    for an account with a limit below 147."""
    permissions_boundary: str = ""
    """ARN of the IAM policy that your organization requires as the permissions boundary of every role. Empty for
    none."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor of the functions. In a clone, use the same value for `sam build`."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Lowest level that the functions log."""
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827] = 30
    """Days to keep the functions' own logs."""
    record_days: int = 90
    """Days to keep runs, incidents and messages in the ledger."""
