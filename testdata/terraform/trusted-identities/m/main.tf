variable "principal" {}

resource "aws_iam_role" "by_text" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.principal } }]
  })
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.principal]
    }
  }
}

resource "aws_iam_role" "by_document" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
