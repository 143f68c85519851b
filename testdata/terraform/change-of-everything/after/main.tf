# What the change makes of it: `loosened` and `added` are new holes, `readers` and `operators` worse ones, `tightened` and
# `deleted` are fixed; all others are open as before.

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
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "untouched" {
  name               = "untouched"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "described" {
  name               = "described"
  description        = "A description changes nothing"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "tightened" {
  name               = "tightened"
  assume_role_policy = data.aws_iam_policy_document.guarded.json
}

resource "aws_iam_role" "added" {
  name               = "added"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

moved {
  from = aws_iam_role.moved_from
  to   = aws_iam_role.moved_to["here"]
}

resource "aws_iam_role" "moved_to" {
  for_each = toset(["here"])

  name               = "moved"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

resource "aws_iam_role" "replaced" {
  name               = "renamed"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

# Terraform lets go of the role, which stays, and another resource takes it over.
removed {
  from = aws_iam_role.forgotten

  lifecycle {
    destroy = false
  }
}

import {
  to = aws_iam_role.imported
  id = "forgotten"
}

resource "aws_iam_role" "imported" {
  name               = "forgotten"
  assume_role_policy = data.aws_iam_policy_document.open.json
}

# The group could read one bucket without MFA, and can now read all of them.
resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group_policy" "readers" {
  name  = "access"
  group = aws_iam_group.readers.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::*" }]
  })
}

# The group could do everything without MFA, and now less.
resource "aws_iam_group" "administrators" {
  name = "administrators"
}

resource "aws_iam_group_policy" "administrators" {
  name  = "access"
  group = aws_iam_group.administrators.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ec2:*", Resource = "*" }]
  })
}

# The guard, which left one call open, is gone.
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
