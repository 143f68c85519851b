# Three groups: one with a guard that holds, one whose guard lets access keys through, one without any guard.

resource "aws_iam_group" "developers" {
  name = "developers"
  path = "/staff/"
}

resource "aws_iam_group" "contractors" {
  name = "contractors"
}

resource "aws_iam_group" "auditors" {
  name = "auditors"
}

resource "aws_iam_policy" "require_mfa" {
  name        = "require-mfa"
  description = "Everything but setting up a device needs MFA"
  policy      = file("${path.module}/require-mfa.json")
}

resource "aws_iam_group_policy_attachment" "developers_require_mfa" {
  group      = aws_iam_group.developers.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

resource "aws_iam_group_policy_attachment" "developers_power_user" {
  group      = aws_iam_group.developers.name
  policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}

# `Bool` never matches for an access key, which has no MFA key in its requests at all.
resource "aws_iam_group_policy" "contractors_guard" {
  name  = "guard"
  group = aws_iam_group.contractors.name

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Work",
          "Effect": "Allow",
          "Action": ["s3:*", "dynamodb:*"],
          "Resource": "*"
        },
        {
          "Sid": "NothingWithoutMfa",
          "Effect": "Deny",
          "Action": "*",
          "Resource": "*",
          "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
        }
      ]
    }
  EOT
}

resource "aws_iam_group_policy_attachment" "auditors_read_only" {
  group      = aws_iam_group.auditors.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user" "staff" {
  for_each = toset(["amara", "bjorn"])
  name     = each.key
  path     = "/staff/"
}

resource "aws_iam_user_group_membership" "staff" {
  for_each = aws_iam_user.staff
  user     = each.value.name
  groups   = [aws_iam_group.developers.name]
}

resource "aws_iam_group_membership" "auditors" {
  name  = "auditors"
  group = aws_iam_group.auditors.name
  users = ["chidi", aws_iam_user.staff["amara"].name]
}
