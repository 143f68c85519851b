# What a plan's configuration does not settle: by the plan alone each group here is unproven, for a reason that names what would
# settle it. With this file beside it, all but the last two are decided.

variable "relaxed" {
  type    = bool
  default = false
}

locals {
  arns = { guard = aws_iam_policy.guard.arn }
}

resource "aws_iam_policy" "guard" {
  name = "guard"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny", Action = "*", Resource = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_iam_policy" "lax" {
  name = "lax"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny", Action = "*", Resource = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_iam_policy" "storage" {
  name = "storage"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
}

resource "aws_iam_group" "team" {
  for_each = toset(["local", "conditional", "chosen", "object"])
  name     = each.key
}

resource "aws_iam_group_policy_attachment" "storage" {
  for_each   = aws_iam_group.team
  group      = each.value.name
  policy_arn = aws_iam_policy.storage.arn
}

# A plan does not hold locals.
resource "aws_iam_group_policy_attachment" "local" {
  group      = aws_iam_group.team["local"].name
  policy_arn = local.arns.guard
}

# Either side exists, and only one of them protects.
resource "aws_iam_group_policy_attachment" "conditional" {
  group      = aws_iam_group.team["conditional"].name
  policy_arn = var.relaxed ? aws_iam_policy.lax.arn : aws_iam_policy.guard.arn
}

# Two modules take one policy each, and the plan does not say who takes which.
module "team" {
  source     = "./modules/team"
  for_each   = { first = aws_iam_policy.guard.arn, second = aws_iam_policy.lax.arn }
  name       = "module-${each.key}"
  policy_arn = each.value
  storage    = aws_iam_policy.storage.arn
}

# An index that depends on a value, not on the instance.
resource "aws_iam_group_policy_attachment" "chosen" {
  group      = aws_iam_group.team["chosen"].name
  policy_arn = [aws_iam_policy.guard.arn, aws_iam_policy.lax.arn][var.relaxed ? 1 : 0]
}

# A policy that somebody else makes.
resource "aws_iam_group_policy_attachment" "object" {
  group      = aws_iam_group.team["object"].name
  policy_arn = terraform_data.chosen.output
}

resource "terraform_data" "chosen" {
  input = aws_iam_policy.guard.arn
}

# A plan that does not know a set drops the constants in it: here another group that nothing else names.
resource "aws_iam_user" "member" {
  name = "member"
}

resource "aws_iam_user_group_membership" "member" {
  user   = aws_iam_user.member.name
  groups = [aws_iam_group.plain.id, "contractors"]
}

resource "aws_iam_group" "plain" {
  name = "plain"
}

resource "aws_iam_group_policy" "plain" {
  group = aws_iam_group.plain.id
  name  = "storage"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "s3:*", Resource = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}
