variable "name" { type = string }
variable "trusted_role_arns" { default = [] }
variable "trusted_role_services" { default = [] }
variable "trusted_role_actions" { default = ["sts:AssumeRole", "sts:TagSession"] }
variable "role_requires_mfa" { default = true }
variable "mfa_age" { default = 86400 }

data "aws_iam_policy_document" "plain" {
  count = var.role_requires_mfa ? 0 : 1
  statement {
    effect  = "Allow"
    actions = var.trusted_role_actions
    principals {
      type        = "AWS"
      identifiers = var.trusted_role_arns
    }
    principals {
      type        = "Service"
      identifiers = var.trusted_role_services
    }
  }
}

data "aws_iam_policy_document" "with_mfa" {
  count = var.role_requires_mfa ? 1 : 0
  statement {
    effect  = "Allow"
    actions = var.trusted_role_actions
    principals {
      type        = "AWS"
      identifiers = var.trusted_role_arns
    }
    dynamic "principals" {
      for_each = length(var.trusted_role_services) > 0 ? [1] : []
      content {
        type        = "Service"
        identifiers = var.trusted_role_services
      }
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
    condition {
      test     = "NumericLessThan"
      variable = "aws:MultiFactorAuthAge"
      values   = [var.mfa_age]
    }
  }
}

resource "aws_iam_role" "this" {
  count = 1
  name  = var.name
  assume_role_policy = coalesce(
    try(data.aws_iam_policy_document.with_mfa[0].json, null),
    try(data.aws_iam_policy_document.plain[0].json, null),
  )
}
