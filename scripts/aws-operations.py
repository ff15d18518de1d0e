#!/usr/bin/env python3
"""Writes down what AWS's public service models say: the names of all operations, and which members are sensitive.

Run with botocore installed (pip install botocore); the result is checked in and reviewed like any other change.
"""
import pathlib
import textwrap

import botocore
import botocore.session

# Ours by the prefix of IAM actions, and the model's name where it differs.
SERVICES = ["cloudtrail", "cloudwatch", "events", "iam", "logs", "s3", "secretsmanager", "sns", "sts"]

ROOT = pathlib.Path(__file__).parent.parent / "crates/keeptrail"
HEAD = f"# From the service models of botocore {botocore.__version__}: scripts/aws-operations.py\n"


def sensitive(shape, path, seen):
    """The paths of sensitive members below a shape."""
    if shape.metadata.get("sensitive"):
        yield ".".join(path)
    elif shape.name not in seen:
        seen = seen | {shape.name}
        members = {"structure": lambda: shape.members.items(), "list": lambda: [("[]", shape.member)],
                   "map": lambda: [("{}", shape.value)]}.get(shape.type_name, lambda: [])
        for name, member in members():
            yield from sensitive(member, [*path, name], seen)


names, members = HEAD, HEAD
for service in SERVICES:
    model = botocore.session.get_session().get_service_model(service)
    names += f"{service}\n" + textwrap.fill(" ".join(model.operation_names), 118, initial_indent="  ", subsequent_indent="  ") + "\n"
    for operation in map(model.operation_model, model.operation_names):
        for kind, shape in [("request", operation.input_shape), ("response", operation.output_shape)]:
            found = sorted(set(sensitive(shape, [], frozenset()))) if shape else []
            members += f"{service} {operation.name} {kind} {' '.join(found)}\n" if found else ""
(ROOT / "src/coverage/aws.txt").write_text(names)
(ROOT / "tests/it/sensitive.txt").write_text(members)
