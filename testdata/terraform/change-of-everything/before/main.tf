# What is there before the change.

data "aws_iam_policy_document" "open" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

data "aws_iam_policy_document" "guarded" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "loosened" {
  name               = "loosened"
  assume_role_policy = data.aws_iam_policy_document.guarded.json
}

resource "aws_iam_role" "untouched" {
  name               = "untouched"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "described" {
  name               = "described"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "tightened" {
  name               = "tightened"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "deleted" {
  name               = "deleted"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "moved_from" {
  name               = "moved"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "replaced" {
  name               = "replaced"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "forgotten" {
  name               = "forgotten"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

# The group can read one bucket without MFA.
resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_policy" "readers" {
  name  = "access"
  group = aws_iam_group.readers.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::amzn-s3-demo-bucket/*" }]
  })
}

# The group can do everything without MFA.
resource "aws_iam_group" "administrators" {
  name = "administrators"
}

resource "aws_iam_group_policy" "administrators" {
  name  = "access"
  group = aws_iam_group.administrators.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

# The guard leaves the keys of a bucket open: a hole, but a small one.
resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_group_policy" "operators" {
  name  = "access"
  group = aws_iam_group.operators.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

resource "aws_iam_group_policy" "operators_guard" {
  name  = "guard"
  group = aws_iam_group.operators.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "s3:ListBucket"]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}
