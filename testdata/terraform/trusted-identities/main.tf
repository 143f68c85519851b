# Roles that trust roles and users which the same apply makes: their ARNs are not known yet, but which of them is a role is.

locals {
  version = "2012-10-17"
  service = { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }
  assume  = { Effect = "Allow", Action = "sts:AssumeRole" }
  mfa     = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
}

# Without a name of its own.
resource "aws_iam_role" "runner" {
  assume_role_policy = jsonencode({ Version = local.version, Statement = [local.service] })
}

resource "aws_iam_role" "named" {
  name               = "named"
  path               = "/ci/"
  assume_role_policy = jsonencode({ Version = local.version, Statement = [local.service] })
}

resource "aws_iam_user" "person" {
  name = "person-${aws_iam_role.runner.unique_id}"
}

resource "aws_organizations_account" "new" {
  name  = "new"
  email = "new@example.com"
}

# Only machines get in.
resource "aws_iam_role" "by_roles" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = [aws_iam_role.runner.arn, aws_iam_role.named.arn] } })]
  })
}

resource "aws_iam_role" "by_unique_id" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = aws_iam_role.runner.unique_id } })]
  })
}

# A session of a role has no MFA.
resource "aws_iam_role" "by_role_with_mfa" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = aws_iam_role.runner.arn }, Condition = local.mfa })]
  })
}

# People get in, without MFA and with it.
resource "aws_iam_role" "by_user" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = aws_iam_user.person.arn } })]
  })
}

resource "aws_iam_role" "by_user_with_mfa" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = aws_iam_user.person.arn }, Condition = local.mfa })]
  })
}

resource "aws_iam_role" "by_account" {
  assume_role_policy = jsonencode({
    Version   = local.version
    Statement = [merge(local.assume, { Principal = { AWS = aws_organizations_account.new.id } })]
  })
}

# The same by a data source, and through the input of a module.
data "aws_iam_policy_document" "by_role" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.runner.arn]
    }
  }
}

resource "aws_iam_role" "by_document" {
  assume_role_policy = data.aws_iam_policy_document.by_role.json
}

module "inner" {
  source    = "./m"
  principal = aws_iam_role.runner.arn
}
