#!/usr/bin/env bash
# Installs what building and testing need: a C compiler (apt), Rust (said, not done: rustup is the user's choice).
set -euo pipefail

say() { printf 'keeptrail: %s\n' "$*" >&2; }

if ! command -v cc >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1; then
    say "installing a C compiler with apt"
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq build-essential >/dev/null
  else
    say "a C compiler is needed (SQLite and AWS-LC are built from source); install gcc or clang and try again"
    exit 1
  fi
fi

if ! command -v cargo >/dev/null 2>&1; then
  say "Rust 1.95 is needed; install it from https://rustup.rs and try again"
  exit 1
fi
