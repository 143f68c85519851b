variable "name" {
  type = string
}

variable "documents" {
  type = map(string)
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_policy" "this" {
  for_each = var.documents
  name     = "${var.name}-${each.key}"
  policy   = each.value
}

resource "aws_iam_group_policy_attachment" "this" {
  for_each   = var.documents
  group      = aws_iam_group.this.name
  policy_arn = aws_iam_policy.this[each.key].arn
}

output "guard_arn" {
  value = try(aws_iam_policy.this["guard"].arn, null)
}

output "storage_arn" {
  value = aws_iam_policy.this["storage"].arn
}
