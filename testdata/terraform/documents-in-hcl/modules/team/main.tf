variable "name" {
  type = string
}

variable "require_mfa" {
  type = bool
}

variable "bucket_arn" {
  type = string
}

resource "aws_iam_group" "this" {
  name = var.name
}

resource "aws_iam_group_policy" "this" {
  group = aws_iam_group.this.name
  name  = "access"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(
        { Effect = "Allow", Action = "s3:*", Resource = format("%s/%s/*", var.bucket_arn, var.name) },
        var.require_mfa ? { Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } } : {},
      ),
    ]
  })
}
