#!/usr/bin/env bash
# All tests. The scenario tests drive the real aws CLI; without it they are left out, and the summary says so in the end.
# With CI set, a missing tool is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=""
if ! command -v aws >/dev/null 2>&1; then
  if command -v python3 >/dev/null 2>&1 && python3 -m venv .venv >/dev/null 2>&1 && .venv/bin/pip install --quiet awscli boto3; then
    PATH="$PWD/.venv/bin:$PATH"
  else
    missing="the aws CLI (pip install awscli boto3)"
  fi
fi
if [ -n "$missing" ] && [ -n "${CI:-}" ]; then
  echo "keeptrail: CI needs $missing" >&2
  exit 1
fi

if command -v cargo-nextest >/dev/null 2>&1; then
  cargo nextest run --workspace --locked --no-fail-fast
else
  cargo test --workspace --locked --no-fail-fast
fi

if [ -n "$missing" ]; then
  echo "******************************************************************************" >&2
  echo "NOT RUN: the scenario tests, because of $missing" >&2
  echo "******************************************************************************" >&2
fi

if ! unshare -rm true >/dev/null 2>&1; then
  echo "******************************************************************************" >&2
  echo "NOT RUN: the test of a full disk, because this machine allows no user and mount namespaces (unshare -rm)" >&2
  echo "******************************************************************************" >&2
fi
