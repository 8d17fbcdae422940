output "lambda_function_name" {
  value = aws_lambda_function.recycler.function_name
}

output "lambda_function_arn" {
  value = aws_lambda_function.recycler.arn
}

output "eventbridge_rule_name" {
  value = local.uses_scheduler ? aws_scheduler_schedule.schedule[0].name : aws_cloudwatch_event_rule.schedule[0].name
}

output "schedule_expression" {
  value = local.schedule_expression
}

output "cloudwatch_log_group" {
  value = aws_cloudwatch_log_group.function.name
}

output "runs_table_name" {
  value = aws_dynamodb_table.runs.name
}

output "state_machine_arn" {
  value = var.step_functions ? aws_sfn_state_machine.recycle[0].arn : ""
}
