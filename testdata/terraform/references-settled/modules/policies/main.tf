variable "documents" {
  type = map(string)
}

resource "aws_iam_policy" "this" {
  for_each = var.documents
  name     = "module-${each.key}"
  policy   = each.value
}

output "guard_arn" {
  value = aws_iam_policy.this["guard"].arn
}

output "storage_arn" {
  value = aws_iam_policy.this["storage"].arn
}
