# The same two policies, put on a group in every way there is: all groups get the same verdict, `open-*` without the guard.

locals {
  documents = {
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
  sets = {
    guarded = { guard = local.documents.guard, storage = local.documents.storage }
    open    = { storage = local.documents.storage }
  }
}

# Inline, one resource for each.
resource "aws_iam_group" "inline" {
  for_each = local.sets
  name     = "${each.key}-inline"
}

resource "aws_iam_group_policy" "inline_guard" {
  group  = aws_iam_group.inline["guarded"].id
  name   = "guard"
  policy = local.documents.guard
}

resource "aws_iam_group_policy" "inline_storage" {
  for_each = aws_iam_group.inline
  group    = each.value.id
  name     = "storage"
  policy   = local.documents.storage
}

# One document.
data "aws_iam_policy_document" "one" {
  for_each                = local.sets
  source_policy_documents = values(each.value)
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.any.arn]
  }
}

resource "aws_s3_bucket" "any" {
  bucket_prefix = "any-"
}

resource "aws_iam_group" "one" {
  for_each = local.sets
  name     = "${each.key}-one"
}

resource "aws_iam_group_policy" "one" {
  for_each = local.sets
  group    = aws_iam_group.one[each.key].name
  name     = "all"
  policy   = data.aws_iam_policy_document.one[each.key].json
}

# Managed, in a module with an instance for each policy, attached inside.
module "managed" {
  source    = "./modules/managed"
  for_each  = local.sets
  name      = "${each.key}-managed"
  documents = each.value
}

# Managed by the module, attached outside, all at once or one by one.
resource "aws_iam_group" "outside" {
  for_each = local.sets
  name     = "${each.key}-outside"
}

resource "aws_iam_group_policy_attachment" "outside_guard" {
  group      = aws_iam_group.outside["guarded"].name
  policy_arn = module.managed["guarded"].guard_arn
}

resource "aws_iam_group_policy_attachment" "outside_storage" {
  for_each   = aws_iam_group.outside
  group      = each.value.name
  policy_arn = module.managed[each.key].storage_arn
}

# Half inline, half managed.
resource "aws_iam_group" "half" {
  for_each = local.sets
  name     = "${each.key}-half"
}

resource "aws_iam_group_policy" "half" {
  for_each = local.sets
  group    = aws_iam_group.half[each.key].name
  name     = "storage"
  policy   = each.value.storage
}

resource "aws_iam_group_policy_attachments_exclusive" "half" {
  group_name  = aws_iam_group.half["guarded"].name
  policy_arns = [module.managed["guarded"].guard_arn]
}
