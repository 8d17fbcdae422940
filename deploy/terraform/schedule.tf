# In UTC a rule of EventBridge is enough; any other time zone needs EventBridge Scheduler.

resource "aws_cloudwatch_event_rule" "schedule" {
  count               = local.uses_scheduler ? 0 : 1
  name                = "${var.service_name}-schedule"
  description         = "Recycles ${var.ecs_cluster_name}/${var.ecs_service_name}"
  schedule_expression = local.schedule_expression
  tags                = var.tags
}

resource "aws_cloudwatch_event_target" "schedule" {
  count    = local.uses_scheduler ? 0 : 1
  rule     = aws_cloudwatch_event_rule.schedule[0].name
  arn      = local.target_arn
  role_arn = var.step_functions ? aws_iam_role.starter[0].arn : null
  input    = local.event
}

resource "aws_lambda_permission" "schedule" {
  count         = local.uses_scheduler || var.step_functions ? 0 : 1
  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.recycler.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.schedule[0].arn
}

resource "aws_scheduler_schedule" "schedule" {
  count                        = local.uses_scheduler ? 1 : 0
  name                         = "${var.service_name}-schedule"
  schedule_expression          = local.schedule_expression
  schedule_expression_timezone = var.timezone

  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = local.target_arn
    role_arn = aws_iam_role.starter[0].arn
    input    = local.event
    retry_policy {
      maximum_retry_attempts = 0
    }
  }
}

# Who starts the function or the state machine where a permission on the function is not enough.
data "aws_iam_policy_document" "starter_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [local.uses_scheduler ? "scheduler.amazonaws.com" : "events.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "starter" {
  count              = local.uses_scheduler || var.step_functions ? 1 : 0
  name               = "${var.service_name}-starter"
  assume_role_policy = data.aws_iam_policy_document.starter_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "starter" {
  count = local.uses_scheduler || var.step_functions ? 1 : 0
  name  = "start"
  role  = aws_iam_role.starter[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = var.step_functions ? "states:StartExecution" : "lambda:InvokeFunction"
      Resource = local.target_arn
    }]
  })
}
