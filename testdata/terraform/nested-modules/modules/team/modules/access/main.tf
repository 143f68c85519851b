variable "team" { type = string }
variable "require_mfa" { type = bool }

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:root"]
    }

    dynamic "condition" {
      for_each = var.require_mfa ? ["true"] : []
      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "team" {
  name               = "${var.team}-team"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "deploy" {
  name = "${var.team}-deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ecs:UpdateService", "ecs:DescribeServices"]
      Resource = "arn:aws:ecs:*:444455556666:service/${var.team}/*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  role       = aws_iam_role.team.name
  policy_arn = aws_iam_policy.deploy.arn
}
