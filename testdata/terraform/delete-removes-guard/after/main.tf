# The guard and the leaver are deleted, a role is let go without being destroyed; what stays is open.

resource "aws_iam_group" "analysts" {
  name = "analysts"
}

resource "aws_iam_group_policy" "query" {
  name  = "query"
  group = aws_iam_group.analysts.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["athena:*", "glue:Get*"], Resource = "*" }]
  })
}

removed {
  from = aws_iam_role.forgotten
  lifecycle {
    destroy = false
  }
}
