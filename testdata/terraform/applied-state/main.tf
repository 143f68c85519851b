# What is there after an apply: for `terraform show -json` of the state, and for the plan that changes nothing.

resource "aws_iam_group" "administrators" {
  name = "administrators"
}

resource "aws_iam_group_policy_attachment" "administrators" {
  group      = aws_iam_group.administrators.name
  policy_arn = aws_iam_policy.administrator.arn
}

# Good: nothing is granted without MFA.
resource "aws_iam_policy" "administrator" {
  name = "administrator-with-mfa"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "*"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

# Bad: the same role that everybody else copies from, without a condition.
module "role" {
  source = "./role"
}
