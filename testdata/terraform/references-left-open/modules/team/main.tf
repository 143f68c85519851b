variable "name" {
  type = string
}

variable "policy_arn" {
  type = string
}

variable "storage" {
  type = string
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_group_policy_attachment" "this" {
  group      = aws_iam_group.this.name
  policy_arn = var.policy_arn
}

resource "aws_iam_group_policy_attachment" "storage" {
  group      = aws_iam_group.this.name
  policy_arn = var.storage
}
