# Generated from template.yaml by `python -m cli.releasing.modules`.

# What to watch

variable "cluster" {
  description = "Names (not ARNs) of the ECS clusters whose scheduled jobs Cronmend watches, at most three, separated by commas, such as app-prod,jobs-prod."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.cluster) <= 250 && can(regex("^[a-zA-Z][a-zA-Z0-9_-]*(,[a-zA-Z][a-zA-Z0-9_-]*){0,2}$", var.cluster))
    error_message = "Use cluster names such as app-prod (in `aws ecs list-clusters`, the part after the slash), at most three, with commas and no spaces, at most 250 characters together."
  }
}

variable "job_log_groups" {
  description = "Names or patterns of the jobs' log groups, up to five, separated by commas, such as /ecs/webapp-*,/ecs/api. Cronmend reads no others."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = length(var.job_log_groups) <= 1000 && can(regex("^[a-zA-Z0-9_/.#*-]+(,[a-zA-Z0-9_/.#*-]+){0,4}$", var.job_log_groups))
    error_message = "Use up to five log group names, separated by commas without spaces, with * for any characters, such as /ecs/webapp-*,/ecs/api."
  }
}

variable "task_roles_to_pass" {
  description = "Names or patterns of the task and execution roles that a re-run passes to ECS, up to five, separated by commas, such as webapp-*,api-task. Narrow it to your jobs' roles."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = length(var.task_roles_to_pass) <= 650 && can(regex("^[a-zA-Z0-9+=.@_/*-]{1,128}(,[a-zA-Z0-9+=.@_/*-]{1,128}){0,4}$", var.task_roles_to_pass))
    error_message = "Use up to five role names (with their paths, if they have one), separated by commas without spaces, with * for any characters, such as webapp-*,api-task."
  }
}

# Jobs that never start or never end

variable "start_failure_queues" {
  description = "ARNs of your schedules' own dead-letter queues, up to three, separated by commas. Cronmend handles their messages and removes them. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.start_failure_queues) <= 500 && can(regex("^(arn:aws[a-z-]*:sqs:[a-z0-9-]+:\\d{12}:[a-zA-Z0-9_-]{1,80}(,arn:aws[a-z-]*:sqs:[a-z0-9-]+:\\d{12}:[a-zA-Z0-9_-]{1,80}){0,2})?$", var.start_failure_queues))
    error_message = "Use ARNs of SQS queues in this Region, at most three, with commas and no spaces, at most 500 characters together, or empty."
  }
}

variable "watch_run_task" {
  description = "Whether to read from CloudTrail when ECS refuses EventBridge's RunTask, or answers without a task. Needs a trail that logs management events."
  type        = bool
  default     = false
  nullable    = false
}

variable "stop_overdue_runs" {
  description = "Whether Cronmend may stop a run that takes longer than its job's max_runtime, if the job has on_overdue = \"stop\" in jobs.toml."
  type        = bool
  default     = false
  nullable    = false
}

variable "foresee" {
  description = "What reconcile reads besides task definitions to see a failure before it happens, separated by commas. roles, secrets (with parameters and certificates), memory (Container Insights); empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.foresee) <= 40 && can(regex("^((roles|secrets|memory)(,(roles|secrets|memory)){0,2})?$", var.foresee))
    error_message = "Use some of roles, secrets, memory, separated by commas without spaces, or empty."
  }
}

# Where to send alerts

variable "alert_email" {
  description = "Email address that receives alerts and alarms. Empty for none. You can add other subscribers to the topic in the outputs."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.alert_email) <= 4096 && can(regex("^([^@\\s]+@[^@\\s]+\\.[^@\\s]+)?$", var.alert_email))
    error_message = "Use one email address, or empty."
  }
}

variable "slack_secret_arn" {
  description = "ARN of the secret (Secrets Manager or SSM SecureString) for Slack: the URL of an incoming webhook, or JSON with a bot token and a channel ID. Empty for no Slack."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.slack_secret_arn) <= 400 && can(regex("^(arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\\d{12}:secret:[a-zA-Z0-9/_+=.@-]+|ssm:[a-z0-9-]+:\\d{12}:parameter/[a-zA-Z0-9/_.-]+))?$", var.slack_secret_arn))
    error_message = "Use the full ARN of a Secrets Manager secret or of an SSM parameter, at most 400 characters, or empty."
  }
}

variable "slack_signing_secret_arn" {
  description = "ARN of the secret with your Slack app's signing secret. Adds buttons to a bot's messages, and a function URL that receives the clicks. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.slack_signing_secret_arn) <= 400 && can(regex("^(arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\\d{12}:secret:[a-zA-Z0-9/_+=.@-]+|ssm:[a-z0-9-]+:\\d{12}:parameter/[a-zA-Z0-9/_.-]+))?$", var.slack_signing_secret_arn))
    error_message = "Use the full ARN of a Secrets Manager secret or of an SSM parameter, at most 400 characters, or empty."
  }
}

variable "slack_key_arn" {
  description = "ARN of your own KMS key that encrypts the Slack secrets. Empty if AWS's keys (aws/secretsmanager, aws/ssm) do."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.slack_key_arn) <= 300 && can(regex("^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key/[a-zA-Z0-9-]+)?$", var.slack_key_arn))
    error_message = "Use the full ARN of a KMS key (not of an alias), or empty."
  }
}

variable "slack_allowed" {
  description = "IDs of the Slack users and user groups who can use the buttons, separated by commas, such as U012AB3CD, S045EF6GH. Empty allows no one."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.slack_allowed) <= 1000 && can(regex("^([USW][A-Z0-9]+( *, *[USW][A-Z0-9]+)*)?$", var.slack_allowed))
    error_message = "Use IDs of users (U…, W…) and user groups (S…), separated by commas, at most 1000 characters, or empty."
  }
}

variable "canary_schedule" {
  description = "When to send a test message to every channel, such as cron(0 9 ? * MON *). In UTC; empty for never."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.canary_schedule) <= 4096 && can(regex("^((cron|rate)\\(.+\\))?$", var.canary_schedule))
    error_message = "Use a cron or rate expression of EventBridge Scheduler, such as rate(1 day), or empty."
  }
}

variable "alert_deadline_seconds" {
  description = "Longest time in seconds that an alert is held while Cronmend tries to heal the job."
  type        = number
  default     = 3600
  nullable    = false

  validation {
    condition     = var.alert_deadline_seconds >= 300 && var.alert_deadline_seconds <= 86400 && floor(var.alert_deadline_seconds) == var.alert_deadline_seconds
    error_message = "Use 300 to 86400 seconds (five minutes to a day)."
  }
}

variable "group_seconds" {
  description = "Cronmend sends the first failure with a cause at once. Further failures with the same cause are collected for this many seconds and sent as one message."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.group_seconds >= 5 && var.group_seconds <= 3600 && floor(var.group_seconds) == var.group_seconds
    error_message = "Use 5 to 3600 seconds (an hour)."
  }
}

# What to redact besides passwords and keys

variable "redact_also" {
  description = "What else to redact in log lines before they are stored or sent, separated by commas. emails, cards (payment card numbers), or both; empty for neither."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.redact_also) <= 100 && can(regex("^((emails|cards)( *, *(emails|cards))*)?$", var.redact_also))
    error_message = "Use emails, cards, both separated by a comma, or empty; at most 100 characters."
  }
}

variable "redact_patterns" {
  description = "Your own patterns to redact (RE2 regular expressions), separated by commas or newlines, such as acct-[0-9]{8}."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.redact_patterns) <= 4096 && can(regex("^[\\s\\S]{0,1000}$", var.redact_patterns))
    error_message = "Use RE2 regular expressions, at most 1000 characters; if RE2 can't parse one, the functions fail with an error that names it."
  }
}

# Limits for re-runs

variable "mode" {
  description = "Initial mode; `cronmend mode` changes it. heal re-runs jobs; shadow only reports what it would do; off diagnoses and alerts."
  type        = string
  default     = "heal"
  nullable    = false

  validation {
    condition     = contains(["heal", "shadow", "off"], var.mode)
    error_message = "Use heal, shadow or off."
  }
}

variable "default_rerun_policy" {
  description = "For jobs without their own policy. never re-runs nothing; unstarted only runs whose code never ran; safe also runs that started and failed."
  type        = string
  default     = "unstarted"
  nullable    = false

  validation {
    condition     = contains(["never", "unstarted", "safe"], var.default_rerun_policy)
    error_message = "Use never, unstarted or safe."
  }
}

variable "max_attempts" {
  description = "Re-runs of a job in one incident. After the last one, Cronmend gives up and alerts. A job can allow fewer."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.max_attempts >= 1 && var.max_attempts <= 10 && floor(var.max_attempts) == var.max_attempts
    error_message = "Use 1 to 10 re-runs."
  }
}

variable "max_infrastructure_attempts" {
  description = "The same for AWS failures, counted separately so that they don't use up the job's own re-runs."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.max_infrastructure_attempts >= 0 && var.max_infrastructure_attempts <= 10 && floor(var.max_infrastructure_attempts) == var.max_infrastructure_attempts
    error_message = "Use 0 to 10 re-runs."
  }
}

variable "max_reruns_per_day" {
  description = "Re-runs of one job in 24 hours. AWS failures and all other causes each have this limit."
  type        = number
  default     = 6
  nullable    = false

  validation {
    condition     = var.max_reruns_per_day >= 0 && var.max_reruns_per_day <= 100 && floor(var.max_reruns_per_day) == var.max_reruns_per_day
    error_message = "Use 0 to 100 re-runs."
  }
}

variable "max_reruns_per_hour" {
  description = "Re-runs of all jobs together in any 60 minutes. Beyond it, Cronmend re-runs nothing for an hour and sends one alert."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.max_reruns_per_hour >= 0 && var.max_reruns_per_hour <= 1000 && floor(var.max_reruns_per_hour) == var.max_reruns_per_hour
    error_message = "Use 0 to 1000 re-runs."
  }
}

variable "max_memory_mib" {
  description = "The most memory that a job gets after it ran out of memory. Only jobs with memory_step get more memory."
  type        = number
  default     = 16384
  nullable    = false

  validation {
    condition     = var.max_memory_mib >= 512 && var.max_memory_mib <= 122880 && floor(var.max_memory_mib) == var.max_memory_mib
    error_message = "Use 512 to 122880 MiB."
  }
}

# How long a deploy takes

variable "deploy_limit_seconds" {
  description = "Seconds after which a deploy that is still open is treated as half done."
  type        = number
  default     = 2700
  nullable    = false

  validation {
    condition     = var.deploy_limit_seconds >= 60 && var.deploy_limit_seconds <= 86400 && floor(var.deploy_limit_seconds) == var.deploy_limit_seconds
    error_message = "Use 60 to 86400 seconds."
  }
}

variable "deploy_recent_seconds" {
  description = "Seconds after a deploy ends during which a schema error is still attributed to it."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.deploy_recent_seconds >= 0 && var.deploy_recent_seconds <= 7200 && floor(var.deploy_recent_seconds) == var.deploy_recent_seconds
    error_message = "Use 0 to 7200 seconds."
  }
}

variable "deploy_believed_seconds" {
  description = "How many seconds a migration, end or failure that a pipeline or migration task reported still counts."
  type        = number
  default     = 86400
  nullable    = false

  validation {
    condition     = var.deploy_believed_seconds >= 600 && var.deploy_believed_seconds <= 604800 && floor(var.deploy_believed_seconds) == var.deploy_believed_seconds
    error_message = "Use 600 to 604800 seconds (ten minutes to a week)."
  }
}

variable "recheck_seconds" {
  description = "Seconds between two checks of an open deploy, in case no event reports its end. Also the base for other re-run delays."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.recheck_seconds >= 60 && var.recheck_seconds <= 3600 && floor(var.recheck_seconds) == var.recheck_seconds
    error_message = "Use 60 to 3600 seconds."
  }
}

# Deploy signals

variable "pipelines" {
  description = "CodePipeline pipelines and CodeDeploy applications that deploy the jobs' code, each with its task definition family, such as site-prod=webapp. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.pipelines) <= 1000 && can(regex("^([A-Za-z0-9.@_-]+(=[A-Za-z0-9_-]+)?( *, *[A-Za-z0-9.@_-]+(=[A-Za-z0-9_-]+)?)*)?$", var.pipelines))
    error_message = "Use pipeline=family, separated by commas, at most 1000 characters; only the name if the pipeline deploys every family."
  }
}

variable "migration_commands" {
  description = "Commands that migrate your database, in addition to those Cronmend knows, separated by commas, such as upgrade-schema, bin/db apply."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.migration_commands) <= 4096 && can(regex("^[^\"\\\\]{0,1000}$", var.migration_commands))
    error_message = "Use commands, separated by commas, without double quotes and backslashes, at most 1000 characters."
  }
}

variable "image_repositories" {
  description = "Names or patterns of the ECR repositories of the jobs' images, up to five, separated by commas, such as webapp,team/*. Cronmend reads when their images were pushed, and whether those of the next runs are there. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.image_repositories) <= 650 && can(regex("^([a-z0-9_/.*-]+(,[a-z0-9_/.*-]+){0,4})?$", var.image_repositories))
    error_message = "Use up to five names of ECR repositories, separated by commas without spaces, with * for any characters, such as webapp,team/*, or empty."
  }
}

# Hold schedules during a deploy and move them after it

variable "hold_schedules" {
  description = "Which schedules are held during a deploy, from the marker started to finished or failed. listed means those with hold_in_deploys in jobs.toml."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "listed", "all"], var.hold_schedules)
    error_message = "Use none, listed or all."
  }
}

variable "follow_services" {
  description = "Which schedules are moved to the revision that their service runs, after its deploy. listed means those with follow in jobs.toml, all also those of jobs that it doesn't mention."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "listed", "all"], var.follow_services)
    error_message = "Use none, listed or all."
  }
}

variable "schedule_roles_to_pass" {
  description = "Names or patterns of the roles of held and moved schedules, up to five, separated by commas, such as webapp-scheduler. Only used with HoldSchedules and FollowServices."
  type        = string
  default     = "*"
  nullable    = false

  validation {
    condition     = length(var.schedule_roles_to_pass) <= 650 && can(regex("^[a-zA-Z0-9+=.@_/*-]{1,128}(,[a-zA-Z0-9+=.@_/*-]{1,128}){0,4}$", var.schedule_roles_to_pass))
    error_message = "Use up to five role names (with their paths, if they have one), separated by commas without spaces, with * for any characters, such as webapp-*,api-task."
  }
}

# How Cronmend runs

variable "dashboard" {
  description = "Whether to create a CloudWatch dashboard that shows the board. It costs $3 a month if the account has more than three dashboards."
  type        = bool
  default     = true
  nullable    = false
}

variable "reserve_concurrency" {
  description = "Reserve 47 concurrent executions of the account for Cronmend, which are also the most that it uses there. false for an account with a limit below 147."
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of the IAM policy that your organization requires as the permissions boundary of every role. Empty for none."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = length(var.permissions_boundary) <= 300 && can(regex("^(arn:aws[a-z-]*:iam::(\\d{12}|aws):policy/[a-zA-Z0-9+=,.@_/-]+)?$", var.permissions_boundary))
    error_message = "Use the full ARN of a managed policy, at most 300 characters, or empty."
  }
}

variable "architecture" {
  description = "Processor of the functions. In a clone, use the same value for `sam build`."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "Use arm64 or x86_64."
  }
}

variable "log_level" {
  description = "Lowest level that the functions log."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "Use DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "Days to keep the functions' own logs."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827], var.log_retention_days)
    error_message = "Use a retention period that CloudWatch Logs supports."
  }
}

variable "record_days" {
  description = "Days to keep runs, incidents and messages in the ledger."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.record_days >= 7 && var.record_days <= 3650 && floor(var.record_days) == var.record_days
    error_message = "Use 7 to 3650 days."
  }
}

locals {
  parameters = {
    Cluster                   = var.cluster
    JobLogGroups              = var.job_log_groups
    TaskRolesToPass           = var.task_roles_to_pass
    StartFailureQueues        = var.start_failure_queues
    WatchRunTask              = var.watch_run_task
    StopOverdueRuns           = var.stop_overdue_runs
    Foresee                   = var.foresee
    AlertEmail                = var.alert_email
    SlackSecretArn            = var.slack_secret_arn
    SlackSigningSecretArn     = var.slack_signing_secret_arn
    SlackKeyArn               = var.slack_key_arn
    SlackAllowed              = var.slack_allowed
    CanarySchedule            = var.canary_schedule
    AlertDeadlineSeconds      = var.alert_deadline_seconds
    GroupSeconds              = var.group_seconds
    RedactAlso                = var.redact_also
    RedactPatterns            = var.redact_patterns
    Mode                      = var.mode
    DefaultRerunPolicy        = var.default_rerun_policy
    MaxAttempts               = var.max_attempts
    MaxInfrastructureAttempts = var.max_infrastructure_attempts
    MaxRerunsPerDay           = var.max_reruns_per_day
    MaxRerunsPerHour          = var.max_reruns_per_hour
    MaxMemoryMiB              = var.max_memory_mib
    DeployLimitSeconds        = var.deploy_limit_seconds
    DeployRecentSeconds       = var.deploy_recent_seconds
    DeployBelievedSeconds     = var.deploy_believed_seconds
    RecheckSeconds            = var.recheck_seconds
    Pipelines                 = var.pipelines
    MigrationCommands         = var.migration_commands
    ImageRepositories         = var.image_repositories
    HoldSchedules             = var.hold_schedules
    FollowServices            = var.follow_services
    ScheduleRolesToPass       = var.schedule_roles_to_pass
    Dashboard                 = var.dashboard
    ReserveConcurrency        = var.reserve_concurrency
    PermissionsBoundary       = var.permissions_boundary
    Architecture              = var.architecture
    LogLevel                  = var.log_level
    LogRetentionDays          = var.log_retention_days
    RecordDays                = var.record_days
    PolicySource              = "published"
  }
}
