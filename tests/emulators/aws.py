"""The few commands of the AWS CLI that the pages of docs/ show, on boto3.

`aws SERVICE OPERATION --member VALUE … [--profile NAME] [--query JMESPATH] [--output text|json]`
"""

import base64
import datetime
import json
import os
import sys

import boto3
import jmespath
from botocore import xform_name


def main(service, operation, *options):
    options = dict(zip((name.removeprefix("--") for name in options[::2]), options[1::2], strict=True))
    session = boto3.Session(profile_name=options.pop("profile", None), region_name=os.environ["AWS_REGION"])
    query, output = options.pop("query", None), options.pop("output", "json")
    client = session.client({"s3api": "s3"}.get(service, service))
    named = {xform_name(name): name for name in client.meta.service_model.operation_names}
    shape = client.meta.service_model.operation_model(named[operation.replace("-", "_")]).input_shape
    members = {xform_name(name, "-"): (name, member) for name, member in shape.members.items()}
    given = {members[option][0]: value(members[option][1], text) for option, text in options.items()}
    answer = getattr(client, xform_name(named[operation.replace("-", "_")]))(**given)
    answer.pop("ResponseMetadata")
    result = encoded(jmespath.search(query, answer) if query else answer)
    if output == "text":
        print(result)
    elif result != {}:
        print(json.dumps(result, indent=4))


def value(kind, text):
    if text.startswith("file://"):
        with open(text.removeprefix("file://"), encoding="utf-8") as file:
            text = file.read()
    if kind.type_name in ("structure", "map", "list"):
        if text.startswith(("{", "[")):
            return json.loads(text)
        return dict(part.split("=", 1) for part in text.split(","))
    return text


def encoded(value):
    """As the CLI prints it: bytes as base64, times as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: encoded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [encoded(inner) for inner in value]
    return value


if __name__ == "__main__":
    main(*sys.argv[1:])
