# Everything that watches who reads a secret, as code: see README.md.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# Endpoint, region and credentials come from the environment: eval "$(keeptrail env --data DIR)".
provider "aws" {
  s3_use_path_style       = true
  skip_metadata_api_check = true

  default_tags {
    tags = { ManagedBy = "terraform" }
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
}

variable "webhook" {
  description = "An http URL that confirms its subscription and takes the alarms; none without it"
  type        = string
  default     = null
}

variable "api_key" {
  description = "The secret's value"
  type        = string
  sensitive   = true
  default     = "sk-ant-example"
}

module "ethos" {
  source               = "./ethos"
  cloudtrail_log_group = aws_cloudwatch_log_group.trail.name
  sns_topic_arn        = aws_sns_topic.alerts.arn
}

output "alerts" {
  value = aws_sns_topic.alerts.arn
}

output "deployer" {
  description = "Keys of the user that may assume the instance role"
  sensitive   = true
  value = {
    access_key_id     = aws_iam_access_key.deployer.id
    secret_access_key = aws_iam_access_key.deployer.secret
  }
}
