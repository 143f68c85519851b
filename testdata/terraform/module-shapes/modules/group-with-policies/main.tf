variable "name" { type = string }
variable "create_group" { default = true }
variable "attach_self_management_policy" { default = true }
variable "policy_arns" { default = [] }
variable "policies" {
  type    = list(map(string))
  default = []
}

data "aws_caller_identity" "current" {}

locals {
  group_name = var.create_group ? aws_iam_group.this[0].id : var.name
  account    = data.aws_caller_identity.current.account_id
}

resource "aws_iam_group" "this" {
  count = var.create_group ? 1 : 0
  name  = var.name
}

resource "aws_iam_group_policy_attachment" "self_management" {
  count      = var.attach_self_management_policy ? 1 : 0
  group      = local.group_name
  policy_arn = aws_iam_policy.self_management[0].arn
}

resource "aws_iam_group_policy_attachment" "arns" {
  count      = length(var.policy_arns)
  group      = local.group_name
  policy_arn = element(var.policy_arns, count.index)
}

resource "aws_iam_group_policy_attachment" "policies" {
  count      = length(var.policies)
  group      = local.group_name
  policy_arn = element(aws_iam_policy.policies[*].arn, count.index)
}

resource "aws_iam_policy" "policies" {
  count  = length(var.policies)
  name   = var.policies[count.index]["name"]
  policy = var.policies[count.index]["policy"]
}

resource "aws_iam_policy" "self_management" {
  count       = var.attach_self_management_policy ? 1 : 0
  name_prefix = "self-management-"
  policy      = data.aws_iam_policy_document.self_management.json
}

data "aws_iam_policy_document" "self_management" {
  statement {
    sid       = "List"
    actions   = ["iam:ListVirtualMFADevices", "iam:GetAccountPasswordPolicy"]
    resources = ["*"]
  }
  statement {
    sid       = "CreateDevice"
    actions   = ["iam:CreateVirtualMFADevice"]
    resources = ["arn:aws:iam::${local.account}:mfa/*"]
  }
  statement {
    sid = "OwnDevice"
    actions = [
      "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice", "iam:DeactivateMFADevice",
    ]
    resources = ["arn:aws:iam::${local.account}:user/&{aws:username}"]
  }
  statement {
    sid    = "DenyWithoutMfa"
    effect = "Deny"
    not_actions = [
      "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices",
      "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
    ]
    resources = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}
