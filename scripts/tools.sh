#!/usr/bin/env bash
# Installs what building needs: a C compiler and, where the distribution has it, rustup (which then brings the toolchain that
# rust-toolchain.toml names). What cannot be installed is said, with what to do.
set -euo pipefail

say() { printf 'keeptrail: %s\n' "$*" >&2; }

installs() { # installs PACKAGE...: by apt, as root or through sudo
  local sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq "$@" >/dev/null
}

if ! command -v cc >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1; then
    say "installing a C compiler with apt"
    installs build-essential
  else
    say "a C compiler is needed (SQLite, AWS-LC and zstd are built from source); install gcc or clang and try again"
    exit 1
  fi
fi

if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
  say "Rust is installed but not on the PATH; run: . \"\$HOME/.cargo/env\", and try again"
  exit 1
fi
if ! command -v cargo >/dev/null 2>&1; then
  if command -v apt-cache >/dev/null 2>&1 && [ -n "$(apt-cache madison rustup 2>/dev/null)" ]; then
    say "installing rustup with apt"
    installs rustup
  else
    say "Rust 1.95 is needed, and this system has no rustup package; install it from https://rustup.rs and try again"
    exit 1
  fi
fi
if ! found=$(cargo --version 2>&1); then
  say "the Rust toolchain that rust-toolchain.toml names cannot be had: $found"
  exit 1
fi
version=$(printf '%s' "$found" | sed -E 's/^cargo ([0-9]+)\.([0-9]+).*/\1 \2/')
read -r major minor <<<"$version"
if [ "$major" -lt 1 ] || { [ "$major" -eq 1 ] && [ "$minor" -lt 95 ]; }; then
  say "Rust 1.95 or newer is needed, here is: $found; install it from https://rustup.rs and try again"
  exit 1
fi
