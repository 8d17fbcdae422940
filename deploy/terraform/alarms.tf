resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.service_name}-errors"
  alarm_description   = "A recycle of ${var.ecs_cluster_name}/${var.ecs_service_name} failed; its log says why."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.recycler.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.sns_topic_arns
  tags                = var.tags
}

# A state machine that ends before the function does any work: it may not invoke it, or takes longer than a day.
resource "aws_cloudwatch_metric_alarm" "executions" {
  for_each            = toset(var.step_functions ? ["ExecutionsFailed", "ExecutionsTimedOut"] : [])
  alarm_name          = "${var.service_name}-${each.key}"
  alarm_description   = "The state machine that recycles ${var.ecs_cluster_name}/${var.ecs_service_name}: ${each.key}."
  namespace           = "AWS/States"
  metric_name         = each.key
  dimensions          = { StateMachineArn = aws_sfn_state_machine.recycle[0].arn }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.sns_topic_arns
  tags                = var.tags
}

# Container Insights has no metric of tasks that were killed for their memory: their events tell.
resource "aws_cloudwatch_event_rule" "out_of_memory" {
  name          = "${var.service_name}-out-of-memory"
  description   = "Tasks of ${var.ecs_cluster_name}/${var.ecs_service_name} that were killed for their memory"
  event_pattern = jsonencode(local.out_of_memory_pattern)
  tags          = var.tags
}

locals {
  # EC2 and Fargate spell it differently. Exit code 137 alone is no sign: a task that is slow to stop ends with it, too.
  out_of_memory_reasons = [
    { prefix = { "equals-ignore-case" = "outofmemory" } },
    { suffix = { "equals-ignore-case" = "memory usage" } },
    { wildcard = "*OutOfMemory*" }
  ]
  out_of_memory_pattern = {
    source        = ["aws.ecs"]
    "detail-type" = ["ECS Task State Change"]
    detail = {
      clusterArn = ["${local.ecs_prefix}:cluster/${var.ecs_cluster_name}"]
      group      = ["service:${var.ecs_service_name}"]
      lastStatus = ["STOPPED"]
      "$or" = [
        { containers = { reason = local.out_of_memory_reasons } },
        { stoppedReason = local.out_of_memory_reasons }
      ]
    }
  }
}

resource "aws_cloudwatch_log_group" "out_of_memory" {
  name              = "/aws/events/${var.service_name}-out-of-memory"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_cloudwatch_log_resource_policy" "out_of_memory" {
  policy_name = "${var.service_name}-out-of-memory"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "${aws_cloudwatch_log_group.out_of_memory.arn}:*"
    }]
  })
}

resource "aws_cloudwatch_event_target" "out_of_memory_log" {
  rule = aws_cloudwatch_event_rule.out_of_memory.name
  arn  = aws_cloudwatch_log_group.out_of_memory.arn
}

resource "aws_cloudwatch_event_target" "out_of_memory_topic" {
  count = length(var.sns_topic_arns)
  rule  = aws_cloudwatch_event_rule.out_of_memory.name
  arn   = var.sns_topic_arns[count.index]
}

resource "aws_cloudwatch_log_metric_filter" "out_of_memory" {
  name           = "${var.service_name}-out-of-memory"
  log_group_name = aws_cloudwatch_log_group.out_of_memory.name
  pattern        = ""
  metric_transformation {
    namespace = "ecs-recycler"
    name      = "TasksOutOfMemory-${var.service_name}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "out_of_memory" {
  alarm_name          = "${var.service_name}-out-of-memory"
  alarm_description   = "A task of ${var.ecs_cluster_name}/${var.ecs_service_name} was killed for its memory: recycle more often."
  namespace           = "ecs-recycler"
  metric_name         = "TasksOutOfMemory-${var.service_name}"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.sns_topic_arns
  tags                = var.tags
}
