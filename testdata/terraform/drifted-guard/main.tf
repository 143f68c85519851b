# The guard was detached by hand after the apply. `plan.json` sees that and puts it back; `no-refresh-plan.json`, made with
# `-refresh=false`, goes by the state and finds nothing to do; `errored-plan.json` stopped at a data source that is not there.

variable "look_up" {
  type    = string
  default = ""
}


resource "aws_iam_group" "operators" {
  name = "operators"
}

resource "aws_iam_group_policy_attachment" "access" {
  group      = aws_iam_group.operators.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

resource "aws_iam_group_policy_attachment" "guard" {
  group      = aws_iam_group.operators.name
  policy_arn = aws_iam_policy.guard.arn
}

resource "aws_iam_policy" "guard" {
  name = "guard"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Deny"
      NotAction = [
        "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices",
        "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
      ]
      Resource  = "*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

# A write-only argument and an ephemeral value: the plan holds neither.
resource "aws_secretsmanager_secret" "login" {
  name = "login"
}

resource "aws_secretsmanager_secret_version" "login" {
  secret_id                = aws_secretsmanager_secret.login.id
  secret_string_wo         = "not in any plan"
  secret_string_wo_version = 1
}

check "operators_exist" {
  assert {
    condition     = aws_iam_group.operators.name == "operators"
    error_message = "the group has another name"
  }
}

data "aws_iam_group" "missing" {
  count      = var.look_up == "" ? 0 : 1
  group_name = var.look_up
}
