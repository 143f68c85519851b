variable "name" {
  type = string
}

variable "policy_arns" {
  type = list(string)
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_group_policy_attachment" "this" {
  count      = length(var.policy_arns)
  group      = aws_iam_group.this.name
  policy_arn = var.policy_arns[count.index]
}

output "group" {
  value = aws_iam_group.this.id
}
