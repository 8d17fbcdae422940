# The least that recycles of this one service need: what `ecs-recycler iam-policy` prints for the same features.

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

locals {
  rolling = var.strategy == "rolling"
}

data "aws_iam_policy_document" "function" {
  statement {
    sid       = "Service"
    actions   = ["ecs:DescribeServices", "ecs:UpdateService"]
    resources = ["${local.ecs_prefix}:service/${var.ecs_cluster_name}/${var.ecs_service_name}"]
  }
  statement {
    sid = "Tasks"
    actions = concat(
      ["ecs:DescribeTasks"],
      local.rolling ? ["ecs:StopTask", "ecs:GetTaskProtection", "ecs:UpdateTaskProtection"] : []
    )
    resources = ["${local.ecs_prefix}:task/${var.ecs_cluster_name}/*"]
  }
  statement {
    sid       = "ContainerInstances"
    actions   = ["ecs:DescribeContainerInstances"]
    resources = ["${local.ecs_prefix}:container-instance/${var.ecs_cluster_name}/*"]
  }
  statement {
    sid       = "List"
    actions   = ["ecs:ListTasks"]
    resources = ["*"]
    condition {
      test     = "ArnLike"
      variable = "ecs:cluster"
      values   = ["${local.ecs_prefix}:cluster/${var.ecs_cluster_name}"]
    }
  }
  statement {
    sid = "Read"
    actions = concat([
      "application-autoscaling:DescribeScalableTargets",
      "ecs:DescribeTaskDefinition",
      "elasticloadbalancing:DescribeTargetGroupAttributes",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth"
    ], length(var.alarms) == 0 ? [] : ["cloudwatch:DescribeAlarms"])
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
  # Whether the tag of an image has moved since the tasks were started.
  dynamic "statement" {
    for_each = local.rolling ? [] : ["arn:${local.partition}:ecr:${var.aws_region}:*:repository/*"]
    content {
      sid       = "Images"
      actions   = ["ecr:BatchGetImage"]
      resources = [statement.value]
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
      sid       = "Tell"
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
