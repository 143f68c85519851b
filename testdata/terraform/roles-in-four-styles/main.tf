# One role in each way that teams write trust policies.

# jsonencode: MFA demanded, and it holds.
resource "aws_iam_role" "administrator" {
  name                 = "administrator"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PeopleWithMfa"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "sts:AssumeRole"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "administrator" {
  role       = aws_iam_role.administrator.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

# A heredoc: `BoolIfExists` in an Allow lets everybody in whose request has no MFA key.
resource "aws_iam_role" "operator" {
  name = "operator"

  assume_role_policy = <<EOT
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "111122223333"},
      "Action": "sts:AssumeRole",
      "Condition": {
        "BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}
      }
    }
  ]
}
EOT

  inline_policy {
    name = "restart"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = {
        Effect   = "Allow"
        Action   = ["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"]
        Resource = "*"
      }
    })
  }
}

# A file: a workload, which has no MFA and must not be asked for it.
resource "aws_iam_role" "worker" {
  name_prefix        = "worker-"
  assume_role_policy = file("${path.module}/lambda-trust.json")
}

resource "aws_iam_role_policy" "worker" {
  name = "queue"
  role = aws_iam_role.worker.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:*"
      Resource = "arn:aws:sqs:eu-west-1:111122223333:jobs"
    }]
  })
}

# A data source: MFA no older than an hour.
data "aws_iam_policy_document" "billing_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:user/finance"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = ["3600"]
    }
  }
}

resource "aws_iam_role" "billing" {
  name                 = "billing"
  path                 = "/finance/"
  assume_role_policy   = data.aws_iam_policy_document.billing_trust.json
  managed_policy_arns  = ["arn:aws:iam::aws:policy/job-function/Billing"]
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_policy" "boundary" {
  name = "people-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", NotAction = ["iam:*", "organizations:*"], Resource = "*" }]
  })
}
