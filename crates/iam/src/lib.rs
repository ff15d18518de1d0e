//! AWS IAM and STS: users, roles, policies, sessions
