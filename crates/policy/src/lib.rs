//! IAM's policy language: parse, evaluate, explain
