# Every way to tie a policy to an identity by reference, where nothing is known before the apply.

locals {
  guard = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny", Action = "*", Resource = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
  storage = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_policy" "guard" {
  name   = "guard"
  policy = local.guard
}

resource "aws_iam_policy" "storage" {
  name   = "storage"
  policy = local.storage
}

# One resource for many identities: enforced with the guard, open without.
resource "aws_iam_group" "many" {
  for_each = toset(["guarded", "open"])
  name     = "many-${each.key}"
}

resource "aws_iam_user" "many" {
  for_each = toset(["guarded", "open"])
  name     = "many-${each.key}"
}

resource "aws_iam_policy_attachment" "storage" {
  name       = "storage"
  policy_arn = aws_iam_policy.storage.arn
  groups     = [for group in aws_iam_group.many : group.id]
  users      = [for user in aws_iam_user.many : user.id]
  roles      = [aws_iam_role.worker.id]
}

resource "aws_iam_policy_attachment" "guard" {
  name       = "guard"
  policy_arn = aws_iam_policy.guard.arn
  groups     = [aws_iam_group.many["guarded"].id]
  users      = [aws_iam_user.many["guarded"].id]
}

# The exclusive list of a user: enforced.
resource "aws_iam_user" "exclusive" {
  name = "exclusive"
}

resource "aws_iam_user_policy_attachments_exclusive" "exclusive" {
  user_name   = aws_iam_user.exclusive.id
  policy_arns = [aws_iam_policy.second.arn, aws_iam_policy.second_guard.arn]
}

resource "aws_iam_policy" "second" {
  name   = "second"
  policy = local.storage
}

resource "aws_iam_policy" "second_guard" {
  name   = "second-guard"
  policy = local.guard
}

# A role with a guard that no session of it can meet, by its own list.
resource "aws_iam_role" "worker" {
  name                = "worker"
  assume_role_policy  = local.trust
  managed_policy_arns = [aws_iam_policy.third_guard.arn]
}

resource "aws_iam_policy" "third_guard" {
  name   = "third-guard"
  policy = local.guard
}

# A permission set: its inline policy, a managed one by name and a boundary.
resource "aws_ssoadmin_permission_set" "people" {
  name         = "people"
  instance_arn = "arn:aws:sso:::instance/ssoins-1111111111111111"
}

resource "aws_ssoadmin_permission_set_inline_policy" "people" {
  instance_arn       = aws_ssoadmin_permission_set.people.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.people.arn
  inline_policy      = local.storage
}

resource "aws_ssoadmin_customer_managed_policy_attachment" "people" {
  instance_arn       = aws_ssoadmin_permission_set.people.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.people.arn
  customer_managed_policy_reference {
    name = aws_iam_policy.second.name
  }
}
