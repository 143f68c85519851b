# Guards of an organization and what they are attached to.

locals {
  # A guard with a hole: an access key says nothing about MFA, so that this does not hold for it.
  holey = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "s3:DeleteObject"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "workloads"
  parent_id = "r-abcd"
}

# Bad: access keys pass, in a whole unit and in one account.
resource "aws_organizations_policy" "holey" {
  name    = "holey"
  content = local.holey
}

resource "aws_organizations_policy_attachment" "unit" {
  policy_id = aws_organizations_policy.holey.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy_attachment" "account" {
  policy_id = aws_organizations_policy.holey.id
  target_id = "111122223333"
}

# Bad: nobody is reached.
resource "aws_organizations_policy" "nowhere" {
  name = "nowhere"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = "s3:DeleteObject"
      Resource = "*"
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" }
        StringEquals = { "aws:PrincipalType" = "User" }
      }
    }]
  })
}

# Not about MFA, and attached to nothing either: nothing to say.
resource "aws_organizations_policy" "regions" {
  name = "regions"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Action    = "ec2:*"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:RequestedRegion" = "eu-central-1" } }
    }]
  })
}
