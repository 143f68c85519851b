resource "aws_iam_role" "template" {
  name = "template"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }]
  })
}

output "arn" {
  value = aws_iam_role.template.arn
}
