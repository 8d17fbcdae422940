# The least that a recycle of this one service needs; `ecs-recycler recycle --plan` lists the same actions.

data "aws_iam_policy_document" "lambda_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name               = "${var.service_name}-function"
  assume_role_policy = data.aws_iam_policy_document.lambda_trust.json
  tags               = var.tags
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Service"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = ["${local.ecs_prefix}:service/${var.ecs_cluster_name}/${var.ecs_service_name}"]
  }
  statement {
    sid = "Tasks"
    actions = [
      "ecs:DescribeTasks", "ecs:StopTask", "ecs:GetTaskProtection", "ecs:UpdateTaskProtection"
    ]
    resources = ["${local.ecs_prefix}:task/${var.ecs_cluster_name}/*"]
  }
  statement {
    sid       = "ListTasks"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = ["${local.ecs_prefix}:cluster/${var.ecs_cluster_name}"]
    }
  }
  statement {
    sid = "Read"
    actions = [
      "ecs:DescribeTaskDefinition",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetHealth",
      "application-autoscaling:DescribeScalableTargets",
      "cloudwatch:DescribeAlarms"
    ]
    resources = ["*"] # these actions know no narrower resource
  }
  statement {
    sid       = "Autoscaling"
    actions   = ["application-autoscaling:RegisterScalableTarget"]
    resources = ["arn:${local.partition}:application-autoscaling:${var.aws_region}:${local.account}:scalable-target/*"]
    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["ecs"]
    }
  }
  statement {
    sid = "Runs"
    actions = [
      "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
    ]
    resources = [aws_dynamodb_table.runs.arn]
  }
  statement {
    sid       = "GoOnInAnotherInvocation"
    actions   = ["lambda:InvokeFunction"]
    resources = ["arn:${local.partition}:lambda:${var.aws_region}:${local.account}:function:${var.service_name}"]
  }
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"]
  }
  dynamic "statement" {
    for_each = length(var.sns_topic_arns) == 0 ? [] : [var.sns_topic_arns]
    content {
      sid       = "TellOfFailures"
      actions   = ["sns:Publish"]
      resources = statement.value
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "recycle"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}
