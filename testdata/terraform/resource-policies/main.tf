# Policies on resources, values known only after apply, and things that only look like IAM.

resource "aws_s3_bucket" "ledger" {
  bucket = "ledger-111122223333"
}

# Good: nobody deletes without MFA.
resource "aws_s3_bucket_policy" "ledger" {
  bucket = aws_s3_bucket.ledger.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NoDeleteWithoutMfa"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource  = "arn:aws:s3:::ledger-111122223333/*"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

# The queue's ARN is made by AWS: the plan does not know this document.
resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.jobs.arn
    }]
  })
}

# Bad: a key whose policy opens it to the account, with a condition that no request can meet.
resource "aws_kms_key" "ledger" {
  description = "ledger"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:ScheduleKeyDeletion"
        Resource  = "*"
        Condition = { Bool = { "aws:MultifactorAuthenticated" = "false" } }
      },
    ]
  })
}

# No policy written: AWS makes its default.
resource "aws_kms_key" "logs" {
  description = "logs"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
  delivery_policy = jsonencode({
    http = { defaultHealthyRetryPolicy = { minDelayTarget = 20, maxDelayTarget = 20, numRetries = 3 } }
  })
}

resource "aws_ecr_repository" "app" {
  name = "app"
}

resource "aws_ecr_lifecycle_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_iam_policy" "ledger_reader" {
  name = "ledger-reader"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.ledger.arn }]
  })
}

resource "aws_iam_group_policy_attachment" "ledger_reader" {
  group      = "accountants"
  policy_arn = aws_iam_policy.ledger_reader.arn
}
