# The role whose reads are expected, and the user that may assume it.

data "aws_iam_policy_document" "instance_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
}

resource "aws_iam_role" "instance" {
  name                 = "EthosInstanceRole"
  path                 = "/ethos/"
  assume_role_policy   = data.aws_iam_policy_document.instance_trust.json
  max_session_duration = 7200
  description          = "What the Ethos instance is"
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.api_key.arn]
  }
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.instance.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "read_only" {
  role       = aws_iam_role.instance.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_user" "deployer" {
  name = "deployer"
  path = "/ethos/"
}

resource "aws_iam_access_key" "deployer" {
  user = aws_iam_user.deployer.name
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions   = ["sts:AssumeRole"]
    resources = [aws_iam_role.instance.arn]
  }
}

resource "aws_iam_policy" "assume" {
  name        = "assume-ethos-instance"
  description = "May become the Ethos instance"
  policy      = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_user_policy_attachment" "assume" {
  user       = aws_iam_user.deployer.name
  policy_arn = aws_iam_policy.assume.arn
}

resource "aws_iam_user_policy" "self" {
  name = "rotate-own-key"
  user = aws_iam_user.deployer.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["iam:ListAccessKeys", "iam:CreateAccessKey", "iam:DeleteAccessKey"]
      Resource = aws_iam_user.deployer.arn
    }]
  })
}
