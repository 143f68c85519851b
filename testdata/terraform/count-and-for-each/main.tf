# The same resource several times over, with keys of every sort.

locals {
  groups = {
    "platform"        = "true"
    "data \"science\"" = "false"
  }
}

resource "aws_iam_group" "team" {
  for_each = toset(["platform", "data-science"])
  name     = each.key
}

# Good for one key, bad for the other: only the first denies what has no MFA.
resource "aws_iam_group_policy" "guard" {
  for_each = { "platform" = "BoolIfExists", "data-science" = "Bool" }
  name     = "guard"
  group    = aws_iam_group.team[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "ec2:*", Resource = "*" },
      {
        Effect    = "Deny"
        Action    = "*"
        Resource  = "*"
        Condition = { (each.value) = { "aws:MultiFactorAuthPresent" = "false" } }
      },
    ]
  })
}

resource "aws_iam_role" "reader" {
  count = 2
  name  = "reader-${count.index}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = tostring(count.index == 0) } }
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  count  = 2
  name   = "read"
  role   = aws_iam_role.reader[count.index].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }] })
}

resource "aws_iam_role_policy" "first_reader" {
  name   = "list"
  role   = aws_iam_role.reader[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:List*", Resource = "*" }] })
}

resource "aws_iam_role" "quoted" {
  for_each = local.groups
  name     = "quoted-${index(keys(local.groups), each.key)}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "111122223333" }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = each.value } }
    }]
  })
}
