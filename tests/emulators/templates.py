"""Lints the CloudFormation templates of a folder and parses its Terraform, with the tools that others wrote.

Prints JSON: by file what cfn-lint complains of, and the kinds of resources that a Terraform file has.
"""

import json
import pathlib
import sys

import hcl2
from cfnlint.api import ManualArgs, lint


def complaints(text):
    found = lint(text, config=ManualArgs(regions=["eu-west-1", "us-east-1"]))
    return [f"{match.rule.id} {'/'.join(map(str, match.path))}: {match.message}" for match in found]


def main():
    linted, parsed = {}, {}
    for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        text = path.read_text()
        if path.suffix == ".json":
            linted[path.name] = complaints(text)
            # What a StackSet makes in each account is a template of its own.
            for name, resource in json.loads(text)["Resources"].items():
                body = resource.get("Properties", {}).get("TemplateBody")
                if body is not None:
                    linted[f"{path.name} {name}"] = complaints(body)
        elif path.suffix == ".tf":
            resources = hcl2.loads(text)["resource"]
            parsed[path.name] = sorted({kind.strip('"') for resource in resources for kind in resource})
    print(json.dumps({"linted": linted, "parsed": parsed}))


if __name__ == "__main__":
    main()
