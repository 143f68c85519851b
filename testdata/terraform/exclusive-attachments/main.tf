# Resources that attach some policies and take away all others. What one ties and another leaves out may be there or not.

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
}

resource "aws_iam_policy" "guard" {
  name   = "guard"
  policy = local.guard
}

resource "aws_iam_policy" "storage" {
  name   = "storage"
  policy = local.storage
}

resource "aws_iam_policy" "second_guard" {
  name   = "second-guard"
  policy = local.guard
}

resource "aws_iam_policy" "shared" {
  name   = "shared"
  policy = local.storage
}

resource "aws_iam_group" "team" {
  for_each = toset(["both", "guard-left-out", "hole-left-out", "inline", "inline-left-out", "shared", "shared-left-out", "listed"])
  name     = each.key
}

# Lists the guard and the grant: enforced.
resource "aws_iam_group_policy_attachments_exclusive" "both" {
  group_name  = aws_iam_group.team["both"].name
  policy_arns = [aws_iam_policy.guard.arn, aws_iam_policy.storage.arn]
}

# The guard is attached and left out of the list: unproven.
resource "aws_iam_group_policy_attachments_exclusive" "guard_left_out" {
  group_name  = aws_iam_group.team["guard-left-out"].name
  policy_arns = [aws_iam_policy.storage.arn]
}

resource "aws_iam_group_policy_attachment" "guard_left_out" {
  group      = aws_iam_group.team["guard-left-out"].name
  policy_arn = aws_iam_policy.guard.arn
}

# The grant is attached and left out, the guard stays: enforced either way.
resource "aws_iam_group_policy_attachments_exclusive" "hole_left_out" {
  group_name  = aws_iam_group.team["hole-left-out"].name
  policy_arns = [aws_iam_policy.guard.arn]
}

resource "aws_iam_group_policy_attachment" "hole_left_out" {
  group      = aws_iam_group.team["hole-left-out"].name
  policy_arn = aws_iam_policy.storage.arn
}

# Inline policies by name, all of them listed: enforced.
resource "aws_iam_group_policies_exclusive" "inline" {
  group_name   = aws_iam_group.team["inline"].name
  policy_names = [aws_iam_group_policy.inline_guard.name, aws_iam_group_policy.inline_storage.name]
}

resource "aws_iam_group_policy" "inline_guard" {
  group  = aws_iam_group.team["inline"].name
  name   = "guard"
  policy = local.guard
}

resource "aws_iam_group_policy" "inline_storage" {
  group  = aws_iam_group.team["inline"].name
  name   = "storage"
  policy = local.storage
}

# The inline guard is not among the names: unproven.
resource "aws_iam_group_policies_exclusive" "inline_left_out" {
  group_name   = aws_iam_group.team["inline-left-out"].name
  policy_names = ["storage"]
}

resource "aws_iam_group_policy" "inline_left_out_guard" {
  group  = aws_iam_group.team["inline-left-out"].name
  name   = "guard"
  policy = local.guard
}

resource "aws_iam_group_policy" "inline_left_out_storage" {
  group  = aws_iam_group.team["inline-left-out"].name
  name   = "storage"
  policy = local.storage
}

# A name that nobody here declares is a policy that nobody knows: unproven.
resource "aws_iam_group_policies_exclusive" "listed" {
  group_name   = aws_iam_group.team["listed"].name
  policy_names = ["from-elsewhere"]
}

# Attaches a policy to this group and takes it from every other: open here, unproven there.
resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  groups     = [aws_iam_group.team["shared"].name]
  users      = [aws_iam_user.shared.name]
}

resource "aws_iam_group_policy_attachment" "shared_left_out" {
  group      = aws_iam_group.team["shared-left-out"].name
  policy_arn = aws_iam_policy.shared.arn
}

resource "aws_iam_user" "shared" {
  name = "shared"
}

# A group's list of members is the whole list: this user's guard may go with the membership.
resource "aws_iam_user" "member" {
  for_each = toset(["listed", "left-out"])
  name     = each.key
}

resource "aws_iam_user_policy" "member" {
  for_each = aws_iam_user.member
  user     = each.value.name
  name     = "storage"
  policy   = local.storage
}

resource "aws_iam_group_membership" "both" {
  name  = "both"
  group = aws_iam_group.team["both"].name
  users = [aws_iam_user.member["listed"].name]
}

resource "aws_iam_user_group_membership" "left_out" {
  user   = aws_iam_user.member["left-out"].name
  groups = [aws_iam_group.team["both"].name]
}

# Blocks in a role are all of its inline policies: one that stands beside them and is not among them may go.
resource "aws_iam_role" "blocks" {
  name = "blocks"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
  inline_policy {
    name   = "storage"
    policy = local.storage
  }
}

resource "aws_iam_role_policy" "beside_blocks" {
  role   = aws_iam_role.blocks.name
  name   = "guard"
  policy = local.guard
}
