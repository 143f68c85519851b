# Four modules in the manner of published ones, each used in the way that is right and in the way that is not.

# People and a service behind one condition on MFA: the service never passes it.
module "ops" {
  source               = "./modules/assumable-role"
  name                 = "ops"
  trusted_role_arns    = ["arn:aws:iam::111122223333:root"]
  role_requires_mfa    = true
  mfa_age              = 3600
  trusted_role_actions = ["sts:AssumeRole"]
}

module "builder" {
  source                = "./modules/assumable-role"
  name                  = "builder"
  trusted_role_arns     = ["arn:aws:iam::111122223333:root"]
  trusted_role_services = ["codebuild.amazonaws.com"]
  role_requires_mfa     = true
}

module "legacy" {
  source            = "./modules/assumable-role"
  name              = "legacy"
  trusted_role_arns = ["arn:aws:iam::111122223333:root"]
  role_requires_mfa = false
}

# The guard is part of self-management: without the one the other is gone.
module "developers" {
  source      = "./modules/group-with-policies"
  name        = "developers"
  policy_arns = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  policies    = [{ name = "logs", policy = local.read_logs }]
}

module "analysts" {
  source                        = "./modules/group-with-policies"
  name                          = "analysts"
  attach_self_management_policy = false
  policy_arns                   = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

# By default the module lets people manage a device and denies nothing; with the Deny it leaves out what enrols one.
resource "aws_iam_group" "default" {
  name = "default"
}

resource "aws_iam_group_policy_attachment" "default" {
  group      = aws_iam_group.default.id
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

module "enforce_default" {
  source = "./modules/enforce-mfa"
  name   = "manage-mfa"
  groups = [aws_iam_group.default.name]
}

resource "aws_iam_group" "explicit" {
  name = "explicit"
}

resource "aws_iam_group_policy_attachment" "explicit" {
  group      = aws_iam_group.explicit.id
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

module "enforce_explicit" {
  source        = "./modules/enforce-mfa"
  name          = "deny-without-mfa"
  explicit_deny = true
  groups        = [aws_iam_group.explicit.name]
}

# A guard with a list of exemptions that is too long: a login profile can be made and a device be removed without MFA.
resource "aws_iam_group" "engineers" {
  name = "engineers"
}

resource "aws_iam_group_policy_attachment" "engineers" {
  group      = aws_iam_group.engineers.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

module "mfa_for_groups" {
  source = "./modules/mfa-for-groups"
  groups = [aws_iam_group.engineers.name]
}

locals {
  read_logs = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:Get*", "logs:Describe*"], Resource = "*" }]
  })
}
