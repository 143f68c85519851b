# Permission sets: MFA is asked at the sign-in of Identity Center, and its sessions never carry the MFA key.

locals {
  instance_arn = "arn:aws:sso:::instance/ssoins-7223abcd12345678"
}

resource "aws_ssoadmin_permission_set" "read_only" {
  name             = "ReadOnly"
  instance_arn     = local.instance_arn
  session_duration = "PT8H"
}

resource "aws_ssoadmin_managed_policy_attachment" "read_only" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.read_only.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

# Bad: the Deny holds for every session of the permission set, so nobody can do anything.
resource "aws_ssoadmin_permission_set" "administrator" {
  name         = "Administrator"
  instance_arn = local.instance_arn
}

resource "aws_ssoadmin_permission_set_inline_policy" "administrator" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.administrator.arn
  inline_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      {
        Effect    = "Deny"
        Action    = "*"
        Resource  = "*"
        Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
      },
    ]
  })
}

resource "aws_ssoadmin_customer_managed_policy_attachment" "administrator" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.administrator.arn
  customer_managed_policy_reference {
    name = "session-limits"
    path = "/"
  }
}

resource "aws_ssoadmin_permissions_boundary_attachment" "administrator" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.administrator.arn
  permissions_boundary {
    customer_managed_policy_reference {
      name = "people-boundary"
      path = "/"
    }
  }
}

resource "aws_ssoadmin_permissions_boundary_attachment" "read_only" {
  instance_arn       = local.instance_arn
  permission_set_arn = aws_ssoadmin_permission_set.read_only.arn
  permissions_boundary {
    managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  }
}
