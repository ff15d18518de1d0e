# The secret, and who may read it.

resource "aws_secretsmanager_secret" "api_key" {
  name                    = "ethos/prod/providers/anthropic/apiKey"
  description             = "Ethos reads it at its start"
  recovery_window_in_days = 0
  tags                    = { Team = "platform" }
}

resource "aws_secretsmanager_secret_version" "api_key" {
  secret_id     = aws_secretsmanager_secret.api_key.id
  secret_string = var.api_key
}

data "aws_iam_policy_document" "secret" {
  statement {
    sid       = "NobodyDeletesIt"
    effect    = "Deny"
    actions   = ["secretsmanager:DeleteSecret"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.deployer.arn]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "api_key" {
  secret_arn = aws_secretsmanager_secret.api_key.arn
  policy     = data.aws_iam_policy_document.secret.json
}
