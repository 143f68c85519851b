# Guardrails of an organization: service and resource control policies, one that is neither, and new accounts.

# Good: people need MFA, roles (whose sessions have no MFA key of their own) are left alone.
resource "aws_organizations_policy" "users_need_mfa" {
  name = "users-need-mfa"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "UsersNeedMfa"
      Effect    = "Deny"
      NotAction = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices", "sts:GetSessionToken"]
      Resource  = "*"
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }
        StringEquals = { "aws:PrincipalType" = "User" }
      }
    }]
  })
}

# Bad: every workload of the organization stands still.
resource "aws_organizations_policy" "everybody_needs_mfa" {
  name = "everybody-needs-mfa"
  type = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Deny"
      Action    = "*"
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = false } }
    }
  })
}

resource "aws_organizations_policy" "secrets_stay_inside" {
  name = "secrets-stay-inside"
  type = "RESOURCE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:*"
      Resource  = "*"
      Condition = {
        StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-a1b2c3d4e5" }
        BoolIfExists            = { "aws:PrincipalIsAWSService" = "false" }
      }
    }]
  })
}

resource "aws_organizations_policy" "cost_tags" {
  name    = "cost-tags"
  type    = "TAG_POLICY"
  content = jsonencode({ tags = { CostCenter = { tag_key = { "@@assign" = "CostCenter" } } } })
}

resource "aws_organizations_policy_attachment" "users_need_mfa" {
  policy_id = aws_organizations_policy.users_need_mfa.id
  target_id = "ou-abcd-12345678"
}

resource "aws_organizations_account" "payments" {
  name  = "payments"
  email = "payments@example.com"
}

resource "aws_organizations_account" "sandbox" {
  name      = "sandbox"
  email     = "sandbox@example.com"
  role_name = "landing-zone-administrator"
}
