resource "aws_iam_role" "state_machine" {
  count = var.step_functions ? 1 : 0
  name  = "${var.service_name}-steps"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "states.amazonaws.com" }
    }]
  })
  tags = var.tags
}

resource "aws_iam_role_policy" "state_machine" {
  count = var.step_functions ? 1 : 0
  name  = "step"
  role  = aws_iam_role.state_machine[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.recycler.arn
    }]
  })
}

resource "aws_sfn_state_machine" "recycle" {
  count    = var.step_functions ? 1 : 0
  name     = var.service_name
  role_arn = aws_iam_role.state_machine[0].arn
  definition = templatefile("${path.module}/../step_functions/recycle.asl.json", {
    function_arn = aws_lambda_function.recycler.arn
  })
  tags = var.tags
}
