variable "groups" { default = [] }

data "aws_partition" "current" {}

data "aws_iam_policy_document" "main" {
  statement {
    sid       = "OwnDevice"
    actions   = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"]
    resources = ["arn:${data.aws_partition.current.partition}:iam::*:mfa/*", "arn:${data.aws_partition.current.partition}:iam::*:user/&{aws:username}"]
  }
  statement {
    sid    = "BlockWithoutMfa"
    effect = "Deny"
    not_actions = [
      "iam:ChangePassword", "iam:CreateLoginProfile", "iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice",
      "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ListUsers", "iam:ListVirtualMFADevices", "iam:ResyncMFADevice",
      "sts:GetSessionToken",
    ]
    resources = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "main" {
  name   = "enforce-mfa"
  policy = data.aws_iam_policy_document.main.json
}

resource "aws_iam_group_policy_attachment" "main" {
  count      = length(var.groups)
  group      = element(var.groups, count.index)
  policy_arn = aws_iam_policy.main.arn
}
