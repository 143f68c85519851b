# Documents that a plan says nothing of, because an expression with an unknown part makes them.

variable "people" {
  type    = list(string)
  default = ["arn:aws:iam::111122223333:root"]
}

locals {
  buckets = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
  own     = ["arn:aws:iam::*:mfa/*", "arn:aws:iam::*:user/$${aws:username}"]
  mfa     = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  guard = {
    Effect    = "Deny"
    NotAction = concat(local.enrolment, ["sts:GetSessionToken"])
    Resource  = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }
  enrolment = [
    for name in ["CreateVirtualMFADevice", "EnableMFADevice", "ListMFADevices", "ResyncMFADevice", "GetUser",
    "ListVirtualMFADevices"] : "iam:${name}"
  ]
}

resource "aws_s3_bucket" "data" {
  bucket_prefix = "data-"
}

resource "aws_iam_user" "operator" {
  name = "operator"
  path = "/staff/"
}

# jsonencode around an ARN that is not known: enforced.
resource "aws_iam_role" "encoded" {
  name = "encoded"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = concat([aws_iam_user.operator.arn], var.people) }
      Condition = local.mfa
    }]
  })
}

# The same without the condition: open.
resource "aws_iam_role" "encoded_open" {
  name = "encoded-open"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = concat([aws_iam_user.operator.arn], var.people) }
    }]
  })
}

# A heredoc with the wrong operator: open for access keys.
resource "aws_iam_role" "heredoc" {
  name               = "heredoc"
  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Principal": {"AWS": ["${aws_iam_user.operator.arn}", "arn:aws:iam::111122223333:root"]},
          "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
        }
      ]
    }
  EOT
}

# A local with the whole document, made of others: enforced.
resource "aws_iam_group" "local" {
  name = "local"
}

locals {
  access = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        { Effect = "Allow", Action = local.enrolment, Resource = local.own },
        { Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = local.buckets },
      ],
      [local.guard],
    )
  })
}

resource "aws_iam_group_policy" "local" {
  group  = aws_iam_group.local.name
  name   = "access"
  policy = local.access
}

# A template in a file, once with its guard and once without.
resource "aws_iam_group" "template" {
  for_each = { guarded = true, open = false }
  name     = "template-${each.key}"
}

resource "aws_iam_group_policy" "template" {
  for_each = { guarded = true, open = false }
  group    = aws_iam_group.template[each.key].name
  name     = "access"
  policy = templatefile("${path.module}/policies/access.json.tftpl", {
    buckets   = local.buckets
    guarded   = each.value
    enrolment = local.enrolment
  })
}

# A module for each team: one is guarded.
module "team" {
  source   = "./modules/team"
  for_each = { payments = { mfa = true }, search = { mfa = false } }

  name        = each.key
  require_mfa = each.value.mfa
  bucket_arn  = aws_s3_bucket.data.arn
}

# Whether this one asks for MFA is known only after the apply: unproven.
resource "terraform_data" "switch" {
  input = "true"
}

resource "aws_iam_role" "switched" {
  name = "switched"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = aws_iam_user.operator.arn }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = terraform_data.switch.output } }
    }]
  })
}

# A function that is not evaluated, in a part that does not matter: enforced.
resource "aws_iam_role" "hashed" {
  name = "hashed"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "S${substr(sha256(aws_s3_bucket.data.arn), 0, 8)}"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Condition = local.mfa
    }]
  })
}
