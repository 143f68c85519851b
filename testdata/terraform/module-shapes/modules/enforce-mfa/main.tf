variable "name" { type = string }
variable "groups" { default = [] }
variable "explicit_deny" { default = false }

resource "aws_iam_policy" "this" {
  name   = var.name
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_group_policy_attachment" "to_groups" {
  count      = length(var.groups)
  group      = element(var.groups, count.index)
  policy_arn = aws_iam_policy.this.arn
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ViewAccount"
    actions   = ["iam:ListVirtualMFADevices", "iam:ListUsers", "iam:GetAccountPasswordPolicy"]
    resources = ["*"]
  }
  statement {
    sid       = "OwnDevice"
    actions   = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"]
    resources = ["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/&{aws:username}"]
  }
  dynamic "statement" {
    for_each = var.explicit_deny ? [1] : []
    content {
      sid         = "DenyWithoutMfa"
      effect      = "Deny"
      not_actions = ["iam:ListVirtualMFADevices", "iam:ListMFADevices", "iam:GetUser", "iam:ChangePassword"]
      resources   = ["*"]
      condition {
        test     = "BoolIfExists"
        variable = "aws:MultiFactorAuthPresent"
        values   = ["false"]
      }
    }
  }
}
