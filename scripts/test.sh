#!/usr/bin/env bash
# All tests. The scenario tests drive the real aws CLI and Terraform; without one of them its tests are left out, and the
# summary says so in the end. With CI set, a missing aws CLI is an error, and so is Terraform without its provider.
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

terraform=""
if ! command -v terraform >/dev/null 2>&1; then
  terraform="terraform"
elif [ -z "${KEEPTRAIL_TF_PLUGINS:-}" ]; then
  # The test takes the provider from a mirror only: one that the machine has (…/tf-plugins), else one made from the registry.
  KEEPTRAIL_TF_PLUGINS=$(find / -maxdepth 2 -type d -name tf-plugins 2>/dev/null | head -n 1) || true
  export KEEPTRAIL_TF_PLUGINS=${KEEPTRAIL_TF_PLUGINS:-$PWD/target/terraform-plugins}
  if [ ! -d "$KEEPTRAIL_TF_PLUGINS" ] && ! terraform -chdir=examples/terraform providers mirror "$KEEPTRAIL_TF_PLUGINS" >/dev/null 2>&1; then
    rm -rf "$KEEPTRAIL_TF_PLUGINS"
    unset KEEPTRAIL_TF_PLUGINS
    terraform="the hashicorp/aws provider (set KEEPTRAIL_TF_PLUGINS to a filesystem mirror of it)"
  fi
fi
if [ -n "$terraform" ] && command -v terraform >/dev/null 2>&1 && [ -n "${CI:-}" ]; then
  echo "keeptrail: CI needs $terraform" >&2
  exit 1
fi

if command -v cargo-nextest >/dev/null 2>&1; then
  cargo nextest run --workspace --locked --no-fail-fast
else
  cargo test --workspace --locked --no-fail-fast
fi

# `aws cloudtrail verify-query-results` is in version 2 alone.
version_2=""
case "$("${AWS_CLI_V2:-aws}" --version 2>/dev/null)" in
  aws-cli/2.*) ;;
  *) version_2="version 2 of the aws CLI is missing (AWS_CLI_V2 names it)" ;;
esac

namespaces=""
unshare -rm true >/dev/null 2>&1 || namespaces="this machine allows no user and mount namespaces (unshare -rm)"

for left_out in \
  "${missing:+the scenario tests, because of $missing}" \
  "${terraform:+the Terraform test, because of $terraform}" \
  "${version_2:+the check of signed query results by aws cloudtrail verify-query-results, because $version_2}" \
  "${namespaces:+the tests of a full disk, because $namespaces}"; do
  [ -n "$left_out" ] || continue
  echo "******************************************************************************" >&2
  echo "NOT RUN: $left_out" >&2
  echo "******************************************************************************" >&2
done
