# Generated from template.yaml by `python -m cli.releasing.modules`.

output "version" {
  description = "Version of Cronmend. `cronmend doctor` compares it with its own."
  value       = aws_cloudformation_stack.cronmend.outputs["Version"]
}

output "alert_topic_arn" {
  description = "SNS topic of all messages and alarms. Add subscribers to it."
  value       = aws_cloudformation_stack.cronmend.outputs["AlertTopicArn"]
}

output "ledger_table" {
  description = "DynamoDB table of runs, incidents and messages. It is kept when you delete the stack."
  value       = aws_cloudformation_stack.cronmend.outputs["LedgerTable"]
}

output "mode_parameter" {
  description = "Name of the SSM parameter that holds the mode."
  value       = aws_cloudformation_stack.cronmend.outputs["ModeParameter"]
}

output "timer_group_name" {
  description = "Group of the one-time schedules that trigger rerun and failure_alert."
  value       = aws_cloudformation_stack.cronmend.outputs["TimerGroupName"]
}

output "task_state_function_name" {
  description = "Function that diagnoses stopped runs."
  value       = aws_cloudformation_stack.cronmend.outputs["TaskStateFunctionName"]
}

output "deploy_state_function_name" {
  description = "Function that records deploys."
  value       = aws_cloudformation_stack.cronmend.outputs["DeployStateFunctionName"]
}

output "rerun_function_name" {
  description = "Function that re-runs jobs."
  value       = aws_cloudformation_stack.cronmend.outputs["RerunFunctionName"]
}

output "failure_alert_function_name" {
  description = "Function that sends messages."
  value       = aws_cloudformation_stack.cronmend.outputs["FailureAlertFunctionName"]
}

output "slack_action_function_name" {
  description = "Function that handles clicks in Slack. null if the stack has none."
  value       = try(aws_cloudformation_stack.cronmend.outputs["SlackActionFunctionName"], null)
}

output "slack_action_url" {
  description = "Request URL for your Slack app's Interactivity setting. null if the stack has none."
  value       = try(aws_cloudformation_stack.cronmend.outputs["SlackActionUrl"], null)
}

output "task_state_queue_url" {
  description = "Queue of events of stopped runs."
  value       = aws_cloudformation_stack.cronmend.outputs["TaskStateQueueUrl"]
}

output "rerun_queue_url" {
  description = "Queue of timers that trigger rerun."
  value       = aws_cloudformation_stack.cronmend.outputs["RerunQueueUrl"]
}

output "reconcile_function_name" {
  description = "Function that finds overdue promises."
  value       = aws_cloudformation_stack.cronmend.outputs["ReconcileFunctionName"]
}

output "job_board_function_name" {
  description = "Function that shows the board. A person who looks at the dashboard needs lambda:InvokeFunction on it."
  value       = aws_cloudformation_stack.cronmend.outputs["JobBoardFunctionName"]
}

output "board_action_function_name" {
  description = "Function of the board's buttons. A person who uses them needs lambda:InvokeFunction on it."
  value       = aws_cloudformation_stack.cronmend.outputs["BoardActionFunctionName"]
}

output "dashboard_name" {
  description = "CloudWatch dashboard that shows the board. null if the stack has none."
  value       = try(aws_cloudformation_stack.cronmend.outputs["DashboardName"], null)
}

output "task_state_dead_letters_url" {
  description = "Queue of events of stopped runs that couldn't be processed."
  value       = aws_cloudformation_stack.cronmend.outputs["TaskStateDeadLettersUrl"]
}

output "deploy_state_dead_letters_url" {
  description = "Queue of events of deploys that couldn't be processed."
  value       = aws_cloudformation_stack.cronmend.outputs["DeployStateDeadLettersUrl"]
}

output "rerun_dead_letters_url" {
  description = "Queue of timers that rerun couldn't process."
  value       = aws_cloudformation_stack.cronmend.outputs["RerunDeadLettersUrl"]
}

output "slack_action_dead_letters_url" {
  description = "Queue of Slack clicks that couldn't be processed. null if the stack has none."
  value       = try(aws_cloudformation_stack.cronmend.outputs["SlackActionDeadLettersUrl"], null)
}

output "failure_alert_dead_letters_url" {
  description = "Queue of undelivered messages. `cronmend redrive` resends them."
  value       = aws_cloudformation_stack.cronmend.outputs["FailureAlertDeadLettersUrl"]
}

output "reconcile_dead_letters_url" {
  description = "Queue of calls of reconcile that failed."
  value       = aws_cloudformation_stack.cronmend.outputs["ReconcileDeadLettersUrl"]
}

output "timer_dead_letters_url" {
  description = "Queue of timers that EventBridge Scheduler couldn't deliver."
  value       = aws_cloudformation_stack.cronmend.outputs["TimerDeadLettersUrl"]
}

output "alert_topic_dead_letters_url" {
  description = "Queue of messages that a subscriber of the topic didn't accept."
  value       = aws_cloudformation_stack.cronmend.outputs["AlertTopicDeadLettersUrl"]
}
