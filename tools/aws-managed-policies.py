#!/usr/bin/env python3
"""Writes data/aws-managed-policies from the AWS-managed policies that the Python package `moto` carries.

    python3 -m venv /tmp/moto && /tmp/moto/bin/pip install moto && /tmp/moto/bin/python tools/aws-managed-policies.py

The same version of moto gives the same table. What is kept of a policy is what decides: effect, actions, resources and
conditions. data/aws-managed-policies/README.md describes the format.
"""

import importlib.metadata
import json
import pathlib
import sys
import zlib
from itertools import pairwise

TARGET = pathlib.Path(__file__).parent.parent / "data" / "aws-managed-policies"
KNOWN = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def main():
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = json.loads(aws_managed_policies_data)
    table = render(policies)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "table.zlib").write_bytes(zlib.compress(table.encode("ascii"), 9))
    date = max(policy[key] for policy in policies.values() for key in ("CreateDate", "UpdateDate"))[:10]
    (TARGET / "date.txt").write_text(date + "\n")
    (TARGET / "source.txt").write_text(f"moto {importlib.metadata.version('moto')}\n")
    print(f"{len(policies)} policies of {date}")


def render(policies):
    """The three parts of the table, with an empty line between them."""
    actions = sorted({action for policy in policies.values() for one in statements(policy) for action in named(one)})
    numbers = {action: number for number, action in enumerate(actions)}
    elements = sorted({text for policy in policies.values() for one in statements(policy) for text in texts(one)})
    places = {text: number for number, text in enumerate(elements)}
    lines = [policy_line(name, policies[name], numbers, places) for name in sorted(policies)]
    return "\n\n".join("\n".join(part) for part in (action_lines(actions), elements, lines)) + "\n"


def action_lines(actions):
    """One line for each service: its prefix and the names of its actions, in the order of their numbers."""
    services = {}
    for action in actions:
        service, _, name = action.partition(":")
        services.setdefault(service, []).append(name or "*")
    return [f"{service} {' '.join(names)}" for service, names in services.items()]


def policy_line(name, policy, numbers, places):
    document = policy["Document"]
    check(document["Version"] == "2012-10-17" and set(document) == {"Version", "Statement"}, name)
    parts = []
    for one in statements(policy):
        check(set(one) <= KNOWN and one["Effect"] in ("Allow", "Deny"), name)
        check(("Action" in one) != ("NotAction" in one) and ("Resource" in one) != ("NotResource" in one), name)
        found = sorted({numbers[action] for action in named(one)})
        steps = found[:1] + [after - before for before, after in pairwise(found)]
        part = one["Effect"][0] + ("!" if "NotAction" in one else "") + " ".join(map(str, steps))
        part += "/" + ("!" if "NotResource" in one else "") + "/".join(str(places[text]) for text in texts(one))
        parts.append(part)
    return f"{name} {policy['Path']} {';'.join(parts)}"


def statements(policy):
    return as_list(policy["Document"]["Statement"])


def named(statement):
    return as_list(statement.get("Action", statement.get("NotAction")))


def texts(statement):
    """Resource and condition as JSON; a list of one is written as its item."""
    resource = as_list(statement.get("Resource", statement.get("NotResource")))
    yield compact(resource[0] if len(resource) == 1 else resource)
    if "Condition" in statement:
        yield compact(statement["Condition"])


def as_list(value):
    return value if isinstance(value, list) else [value]


def compact(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def check(holds, name):
    if not holds:
        sys.exit(f"{name} has a form that the table does not foresee")


if __name__ == "__main__":
    main()
