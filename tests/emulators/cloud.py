"""AWS clients for every account of an organization behind one endpoint, as boto3 makes them."""

from urllib.parse import urljoin, urlsplit

import boto3
from botocore.config import Config

MANAGEMENT = "123456789012"
HOME = "eu-west-1"
REGIONS = ["eu-west-1", "us-east-1"]
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
ROLE = "OrganizationAccountAccessRole"
MANAGED = "trueup:managed"

CONFIG = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False)


class Cloud:
    """The organization behind one endpoint, entered in each account by its role at first use; moto's by default."""

    def __init__(self, endpoint, management=MANAGEMENT, keys=KEYS, regions=REGIONS, session=None):
        self.endpoint = endpoint
        self.management = management
        self.regions = regions
        # One session for all accounts: it reads the service models once.
        self.session = session or boto3.Session()
        self.keys = {management: keys}
        self.clients = {}

    def client(self, service, account=None, region=None):
        account, region = account or self.management, region or self.regions[0]
        key = (service, account, region)
        if key not in self.clients:
            client = self.session.client(
                service, region_name=region, endpoint_url=self.endpoint, config=CONFIG, **self._keys(account)
            )
            if service == "s3control":
                client.meta.events.register_first("before-sign.s3-control", self._keep_host)
            self.clients[key] = client
        return self.clients[key]

    def _keep_host(self, request, **_):
        """Asks the endpoint as it is: S3 Control puts the account before the host, where nothing on loopback answers."""
        request.url = urljoin(self.endpoint, urlsplit(request.url).path)

    def _keys(self, account):
        if account not in self.keys:
            arn = f"arn:aws:iam::{account}:role/{ROLE}"
            given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
            self.keys[account] = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return self.keys[account]

    def pages(self, service, operation, field, account=None, region=None, **request):
        """All items of a listing, whether or not the operation has pages."""
        client = self.client(service, account, region)
        if not client.can_paginate(operation):
            return getattr(client, operation)(**request)[field]
        found = []
        for page in client.get_paginator(operation).paginate(**request):
            found += page.get(field, [])
        return found

    def accounts(self):
        """Every account: id, name, state and the path of its organizational unit."""
        found = []

        def walk(parent, path):
            listing = self.pages("organizations", "list_accounts_for_parent", "Accounts", ParentId=parent)
            for account in listing:
                found.append(
                    {
                        "id": account["Id"],
                        "name": account["Name"],
                        "ou": path or "/",
                        "state": account.get("State") or account["Status"],
                    }
                )
            units = self.pages(
                "organizations", "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent
            )
            for unit in units:
                walk(unit["Id"], f"{path}/{unit['Name']}")

        for root in self.pages("organizations", "list_roots", "Roots"):
            walk(root["Id"], "")
        return sorted(found, key=lambda account: account["id"])


def or_none(call, *codes, **request):
    """What a read answers; nothing where AWS says by one of these codes that there is nothing."""
    try:
        return call(**request)
    except call.__self__.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return None
        raise
