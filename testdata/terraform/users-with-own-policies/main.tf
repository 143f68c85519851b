# Users with policies of their own, by every way the provider has.

variable "account_id" {
  default = "111122223333"
}

resource "aws_iam_user" "root_replacement" {
  name          = "break-glass"
  path          = "/emergency/"
  force_destroy = true
}

# Good: the policy grants only with MFA.
resource "aws_iam_user_policy" "break_glass" {
  name = "administrator-with-mfa"
  user = aws_iam_user.root_replacement.name
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

resource "aws_iam_user" "deployer" {
  name                 = "deployer"
  permissions_boundary = "arn:aws:iam::${var.account_id}:policy/deploy-boundary"
}

# Bad: an access key with everything, and no MFA anywhere.
resource "aws_iam_user_policy_attachment" "deployer_admin" {
  user       = aws_iam_user.deployer.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_iam_policy" "artifacts" {
  name = "artifacts"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["arn:aws:s3:::artifacts-${var.account_id}/*"]
    }]
  })
}

resource "aws_iam_policy_attachment" "artifacts" {
  name       = "artifacts"
  policy_arn = aws_iam_policy.artifacts.arn
  users      = [aws_iam_user.deployer.name, "legacy-deployer"]
  groups     = ["builders"]
  roles      = ["build-server"]
}

resource "aws_iam_user_policy_attachments_exclusive" "deployer" {
  user_name   = aws_iam_user.deployer.name
  policy_arns = [aws_iam_policy.artifacts.arn, "arn:aws:iam::aws:policy/AdministratorAccess"]
}

resource "aws_iam_access_key" "deployer" {
  user = aws_iam_user.deployer.name
}
