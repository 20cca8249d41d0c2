"""Makes calls as whoever has these keys, and says of each how it was answered: a code of AWS, or `done`.

Standard input is JSON: the `endpoint`, the `region`, the `keys`, and the `calls`, each a service, an operation as
boto3 names it, and its arguments. The answers are a list in the same order.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError


def main():
    asked = json.load(sys.stdin)
    session = boto3.Session(region_name=asked["region"], **asked["keys"])
    clients = {}
    said = []
    for service, operation, arguments in asked["calls"]:
        if service not in clients:
            clients[service] = session.client(service, endpoint_url=asked["endpoint"])
        try:
            getattr(clients[service], operation)(**arguments)
            said.append("done")
        except ClientError as error:
            said.append(error.response["Error"]["Code"])
    print(json.dumps(said))


main()
