# A Lambda function that recycles one ECS service on a schedule. Its runs are recorded in a DynamoDB table, so that a run
# outlives an invocation and two never work on the service at once.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  account    = data.aws_caller_identity.current.account_id
  ecs_prefix = "arn:${local.partition}:ecs:${var.aws_region}:${local.account}"
  default_rate = (
    var.recycle_interval_hours == 1 ? "rate(1 hour)" : "rate(${var.recycle_interval_hours} hours)"
  )
  schedule_expression = var.schedule_expression == "" ? local.default_rate : var.schedule_expression
  uses_scheduler      = var.timezone != "UTC"
  target_arn          = var.step_functions ? aws_sfn_state_machine.recycle[0].arn : aws_lambda_function.recycler.arn
  event = jsonencode(merge(
    { cluster_name = var.ecs_cluster_name, service_name = var.ecs_service_name, strategy = var.strategy },
    var.strategy == "rolling" ? { batch = var.batch, wait = var.wait } : {},
    { alarms = var.alarms, reason = "scheduled by ${var.service_name}" },
    var.step_functions ? { step = true } : {}
  ))
}

resource "aws_dynamodb_table" "runs" {
  name         = "${var.service_name}-runs"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }
  ttl {
    attribute_name = "expires"
    enabled        = true
  }
  tags = var.tags
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.service_name}"
  retention_in_days = var.log_retention_days
  tags              = var.tags
}

resource "aws_lambda_function" "recycler" {
  function_name    = var.service_name
  description      = "Recycles ${var.ecs_cluster_name}/${var.ecs_service_name}"
  role             = aws_iam_role.function.arn
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = [var.architecture]
  timeout          = var.timeout_seconds
  memory_size      = var.memory_mb
  tags             = var.tags

  environment {
    variables = {
      ECS_CLUSTER_NAME      = var.ecs_cluster_name
      ECS_SERVICE_NAME      = var.ecs_service_name
      ECS_RECYCLER_STRATEGY = var.strategy
      ECS_RECYCLER_BATCH    = var.batch
      ECS_RECYCLER_WAIT     = var.wait
      ECS_RECYCLER_ALARM    = join(",", var.alarms)
      ECS_RECYCLER_TABLE    = aws_dynamodb_table.runs.name
      ECS_RECYCLER_WINDOW   = join(",", var.windows)
      ECS_RECYCLER_BLACKOUT = join(",", var.blackouts)
      ECS_RECYCLER_TIMEZONE = var.timezone
    }
  }
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

# A recycle that failed has put everything back and says why: trying it again by itself would hide that.
resource "aws_lambda_function_event_invoke_config" "recycler" {
  function_name                = aws_lambda_function.recycler.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 3600

  dynamic "destination_config" {
    for_each = slice(var.sns_topic_arns, 0, min(1, length(var.sns_topic_arns)))
    content {
      on_failure {
        destination = destination_config.value
      }
    }
  }
}
