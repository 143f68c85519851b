# Documents that Terraform makes only during the apply, because a part of each is not known before.

resource "aws_iam_user" "operator" {
  name = "operator"
  path = "/staff/"
}

resource "aws_iam_role" "pipeline" {
  name               = "pipeline"
  assume_role_policy = data.aws_iam_policy_document.services.json
}

data "aws_iam_policy_document" "services" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }
  }
}

# A user and an account, with MFA: enforced.
data "aws_iam_policy_document" "guarded_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.operator.arn, "arn:aws:iam::111122223333:root"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_role" "guarded" {
  name               = "guarded"
  assume_role_policy = data.aws_iam_policy_document.guarded_trust.json
}

# The same without MFA, put together of two documents: open.
data "aws_iam_policy_document" "open_trust" {
  source_policy_documents = [data.aws_iam_policy_document.services.json]
  statement {
    sid     = "People"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.operator.arn]
    }
  }
}

resource "aws_iam_role" "open" {
  name               = "open"
  assume_role_policy = data.aws_iam_policy_document.open_trust.json
}

# An override takes the place of the statement with the same Sid: enforced, and the service is gone.
data "aws_iam_policy_document" "overridden_trust" {
  source_policy_documents   = [data.aws_iam_policy_document.open_trust.json]
  override_policy_documents = [data.aws_iam_policy_document.people_with_mfa.json]
}

data "aws_iam_policy_document" "people_with_mfa" {
  statement {
    sid     = "People"
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

resource "aws_iam_role" "overridden" {
  name               = "overridden"
  assume_role_policy = data.aws_iam_policy_document.overridden_trust.json
}

# Only another role may assume it, and a role cannot bring MFA: nothing to guard.
data "aws_iam_policy_document" "role_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.pipeline.arn]
    }
  }
}

resource "aws_iam_role" "chained" {
  name               = "chained"
  assume_role_policy = data.aws_iam_policy_document.role_trust.json
}

# A guard around an ARN that is not known: enforced. Only on his own user, which is `&{` in a data source.
data "aws_iam_policy_document" "guarded_access" {
  statement {
    actions   = ["iam:CreateVirtualMFADevice"]
    resources = ["arn:aws:iam::*:mfa/*"]
  }
  statement {
    actions   = ["iam:EnableMFADevice", "iam:ListMFADevices"]
    resources = ["arn:aws:iam::*:user/&{aws:username}"]
  }
  statement {
    actions   = ["s3:*"]
    resources = ["${aws_s3_bucket.data.arn}/*", aws_s3_bucket.data.arn]
  }
  statement {
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
    resources   = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket" "data" {
  bucket_prefix = "data-"
}

resource "aws_iam_group" "guarded" {
  name = "guarded"
}

resource "aws_iam_group_policy" "guarded" {
  group  = aws_iam_group.guarded.name
  name   = "access"
  policy = data.aws_iam_policy_document.guarded_access.json
}

# The same through a module's worth of indirection, as the policies of a role: a managed policy by index.
data "aws_iam_policy_document" "by_index" {
  count = 2
  statement {
    actions   = ["s3:GetObject"]
    resources = [aws_s3_bucket.data.arn]
    dynamic "condition" {
      for_each = count.index == 0 ? ["true"] : []
      content {
        test     = "Bool"
        variable = "aws:MultiFactorAuthPresent"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_policy" "by_index" {
  count  = 2
  name   = "by-index-${count.index}"
  policy = data.aws_iam_policy_document.by_index[count.index].json
}

resource "aws_iam_group" "by_index" {
  count = 2
  name  = "by-index-${count.index}"
}

resource "aws_iam_group_policy_attachment" "by_index" {
  count      = 2
  group      = aws_iam_group.by_index[count.index].name
  policy_arn = aws_iam_policy.by_index[count.index].arn
}

# The provider drops a condition on a bare number in a source document, and with it the only guard: open.
data "aws_iam_policy_document" "number" {
  source_policy_documents = [jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Action = "s3:*", Resource = "*"
      Condition = { NumericLessThan = { "aws:MultiFactorAuthAge" = 3600 } }
    }]
  })]
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "aws_iam_group" "number" {
  name = "number"
}

resource "aws_iam_group_policy" "number" {
  group  = aws_iam_group.number.name
  name   = "access"
  policy = data.aws_iam_policy_document.number.json
}

# Two blocks with the same test and variable are one list of values, of which either will do: open.
data "aws_iam_policy_document" "merged" {
  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn, "arn:aws:s3:::shared"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_group" "merged" {
  name = "merged"
}

resource "aws_iam_group_policy" "merged" {
  group  = aws_iam_group.merged.name
  name   = "access"
  policy = data.aws_iam_policy_document.merged.json
}

# A source document of which nothing is known may allow anything: unproven.
data "aws_iam_policy_document" "unknown_source" {
  source_policy_documents = [terraform_data.document.output]
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
}

resource "terraform_data" "document" {
  input = "{}"
}

resource "aws_iam_group" "unknown_source" {
  name = "unknown-source"
}

resource "aws_iam_group_policy" "unknown_source" {
  group  = aws_iam_group.unknown_source.name
  name   = "access"
  policy = data.aws_iam_policy_document.unknown_source.json
}

# A guard whose value is not known guards nothing for certain: unproven.
data "aws_iam_policy_document" "unknown_value" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = [terraform_data.document.output]
    }
  }
}

resource "aws_iam_group" "unknown_value" {
  name = "unknown-value"
}

resource "aws_iam_group_policy" "unknown_value" {
  group  = aws_iam_group.unknown_value.name
  name   = "access"
  policy = data.aws_iam_policy_document.unknown_value.json
}
