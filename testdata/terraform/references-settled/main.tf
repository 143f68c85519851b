# What ties each group to its policies is known only after apply; the configuration in the plan settles all of it.

locals {
  # The same guard for everybody: nothing without MFA but the enrolment of a device.
  guard = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ListVirtualMFADevices", "iam:GetUser", "iam:ResyncMFADevice", "sts:GetSessionToken"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
  storage = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }]
  })
  documents = [local.guard, local.storage]
}

resource "aws_iam_policy" "guard" {
  name   = "guard"
  policy = local.guard
}

resource "aws_iam_policy" "storage" {
  name   = "storage"
  policy = local.storage
}

# The policies of another module, through its outputs: enforced.
module "policies" {
  source    = "./modules/policies"
  documents = { guard = local.guard, storage = local.storage }
}

resource "aws_iam_group" "outputs" {
  name = "outputs"
}

resource "aws_iam_group_policy_attachment" "outputs_guard" {
  group      = aws_iam_group.outputs.name
  policy_arn = module.policies.guard_arn
}

resource "aws_iam_group_policy_attachment" "outputs_storage" {
  group      = aws_iam_group.outputs.name
  policy_arn = module.policies.storage_arn
}

# As inputs two modules deep, into instances with keys of their own: enforced with the guard, open without.
module "outer" {
  source      = "./modules/outer"
  for_each    = toset(["east", "west"])
  name        = each.key
  policy_arns = [aws_iam_policy.guard.arn, aws_iam_policy.storage.arn]
}

module "open_team" {
  source      = "./modules/team"
  name        = "unguarded"
  policy_arns = [aws_iam_policy.storage.arn]
}

# One instance for each policy, by key and by index: enforced.
resource "aws_iam_policy" "by_key" {
  for_each = { guard = local.guard, storage = local.storage }
  name     = "by-key-${each.key}"
  policy   = each.value
}

resource "aws_iam_group" "by_key" {
  name = "by-key"
}

resource "aws_iam_group_policy_attachment" "by_key" {
  for_each   = aws_iam_policy.by_key
  group      = aws_iam_group.by_key.id
  policy_arn = each.value.arn
}

resource "aws_iam_policy" "by_index" {
  count  = 2
  name   = "by-index-${count.index}"
  policy = local.documents[count.index]
}

resource "aws_iam_group" "by_index" {
  name = "by-index"
}

resource "aws_iam_group_policy_attachment" "by_index" {
  count      = 2
  group      = aws_iam_group.by_index.name
  policy_arn = element(aws_iam_policy.by_index.*.arn, count.index)
}

# One attachment for each of a map of policies, to one group: who takes which does not matter. Enforced.
resource "aws_iam_group" "by_map" {
  name = "by-map"
}

resource "aws_iam_group_policy_attachment" "by_map" {
  for_each   = { protection = aws_iam_policy.guard.arn, work = aws_iam_policy.storage.arn }
  group      = aws_iam_group.by_map.name
  policy_arn = each.value
}

# Each instance of a group gets the policy of its own key: `guarded` is enforced, `open` is open.
resource "aws_iam_policy" "own" {
  for_each = { guarded = local.guard, open = local.storage }
  name     = "own-${each.key}"
  policy   = each.value
}

resource "aws_iam_group" "own" {
  for_each = aws_iam_policy.own
  name     = "own-${each.key}"
}

resource "aws_iam_group_policy_attachment" "own" {
  for_each   = aws_iam_group.own
  group      = each.value.id
  policy_arn = aws_iam_policy.own[each.key].arn
}

resource "aws_iam_group_policy_attachment" "own_storage" {
  for_each   = aws_iam_group.own
  group      = each.value.id
  policy_arn = aws_iam_policy.storage.arn
}

# A condition of which only one side exists: enforced.
resource "aws_iam_policy" "optional" {
  count  = 0
  name   = "optional"
  policy = local.storage
}

resource "aws_iam_group" "conditional" {
  name = "conditional"
}

resource "aws_iam_group_policy_attachment" "conditional" {
  group      = aws_iam_group.conditional.name
  policy_arn = length(aws_iam_policy.optional) > 0 ? aws_iam_policy.optional[0].arn : aws_iam_policy.guard.arn
}

resource "aws_iam_group_policy_attachment" "conditional_storage" {
  group      = aws_iam_group.conditional.name
  policy_arn = one(aws_iam_policy.storage[*].arn)
}

# A user through his groups, and bounded by a policy of which only the reference is known: both enforced.
resource "aws_iam_user" "member" {
  name = "member"
}

resource "aws_iam_user_group_membership" "member" {
  user   = aws_iam_user.member.id
  groups = [aws_iam_group.by_map.name, aws_iam_group.by_key.name]
}

resource "aws_iam_user" "bounded" {
  name                 = "bounded"
  permissions_boundary = aws_iam_policy.guarded_boundary.arn
}

resource "aws_iam_policy" "guarded_boundary" {
  name = "guarded-boundary"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "*", Resource = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

resource "aws_iam_user_policy_attachment" "bounded" {
  user       = aws_iam_user.bounded.id
  policy_arn = aws_iam_policy.storage.arn
}

# A member of a group is a member whatever the list is that says so: open.
resource "aws_iam_user" "listed" {
  name = "listed"
}

resource "aws_iam_group_membership" "listed" {
  name  = "listed"
  group = module.open_team.group
  users = [aws_iam_user.listed.id]
}
