//! AWS Secrets Manager
