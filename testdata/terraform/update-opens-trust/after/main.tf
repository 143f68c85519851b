# The change: the condition is gone ("MFA breaks our scripts"), the policy is replaced under a new name.

resource "aws_iam_role" "support" {
  name = "support"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
    }]
  })
}

resource "aws_iam_role" "unchanged" {
  name = "unchanged"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_policy" "tickets" {
  name   = "support-tickets"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "support:*", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "tickets" {
  role       = aws_iam_role.support.name
  policy_arn = aws_iam_policy.tickets.arn
}

resource "aws_iam_group" "support" {
  name = "support"
  path = "/people/"
}
