"""What the tests of behaviours stand on: a fresh organization, and clients for everyone in it."""

import json
import traceback
import urllib.request
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HOME = "us-east-1"
ABROAD = "eu-west-1"
ROLE = "OrganizationAccountAccessRole"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

# A seed whose management account happens to have no password policy, no keys and no detectors.
SEED = 792

# Requests are sent as the test writes them, once.
CONFIG = Config(
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    parameter_validation=False,
    connect_timeout=10,
    read_timeout=30,
)

# One session for all tests: it reads the service models once.
SESSION = boto3.Session(region_name=HOME)


class Stage:
    """The simulator behind one endpoint; `reset` gives each test a world of its own.

    `who` is always keys: of `administrator` (a user of the management account), from `root` or from `enter`.
    """

    def __init__(self, endpoint, access_key, secret):
        self.endpoint = endpoint
        self.administrator = {"aws_access_key_id": access_key, "aws_secret_access_key": secret}
        self.management = None
        self.clients = {}

    # The world

    def reset(self, accounts=1, regions=(HOME, ABROAD), seed=SEED):
        """A new world. With one account it is the management account alone; `member` adds clean ones."""
        given = self._control("POST", "reset", {"accounts": accounts, "regions": list(regions), "seed": seed})
        self.administrator = _keys(given)
        self.management = given["caller"]["account"]

    def advance(self, seconds):
        """Moves the clock."""
        self._control("POST", "clock", {"advance": seconds})

    def perform(self, account, service, operation, region=HOME, **request):
        """Does an operation as the account's root user, past every authorization."""
        wish = {"account": account, "region": region, "service": service, "operation": operation, "input": request}
        return self._control("POST", "perform", wish)

    def turn(self, account, state):
        """Puts an account into a state that no API puts it in."""
        self._control("POST", "account", {"account": account, "state": state})

    def calls(self):
        """Every call since the reset, as the simulator saw it."""
        return self._control("GET", "ledger")

    def state(self):
        """Everything there is in the world."""
        return self._control("GET", "state")

    def inject(self, **injection):
        """Lets something go wrong."""
        self._control("POST", "faults", injection)

    # Accounts and who is in them

    def member(self, name="member", parent=None):
        """A new account of the organization with nothing in it but the role for the management account."""
        organizations = self.client("organizations")
        request = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])
        account = status["CreateAccountStatus"]["AccountId"]
        if parent:
            organizations.move_account(
                AccountId=account, SourceParentId=self.organization_root(), DestinationParentId=parent
            )
        return account

    def organization_root(self):
        """The id of the organization's root."""
        return self.client("organizations").list_roots()["Roots"][0]["Id"]

    def organization(self):
        """The id of the organization."""
        return self.client("organizations").describe_organization()["Organization"]["Id"]

    def unit(self, name, parent=None):
        """A new organizational unit's id."""
        made = self.client("organizations").create_organizational_unit(
            ParentId=parent or self.organization_root(), Name=name
        )
        return made["OrganizationalUnit"]["Id"]

    def guard(self, target, *statements, name="guard"):
        """Attaches a service control policy; the type is switched on if it is not. Answers the policy's id."""
        organizations = self.client("organizations")
        root = organizations.list_roots()["Roots"][0]
        if not root["PolicyTypes"]:
            organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
        made = organizations.create_policy(
            Name=name, Description=name, Type="SERVICE_CONTROL_POLICY", Content=document(*statements)
        )
        policy = made["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=policy, TargetId=target)
        return policy

    def role(self, account, name, *statements, trusts=None, **more):
        """A role of an account with these statements for its policy; it trusts the management account. Its ARN."""
        trust = {"Effect": "Allow", "Principal": {"AWS": trusts or self.management}, "Action": "sts:AssumeRole"}
        made = self.perform(
            account, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=document(trust), **more
        )
        if statements:
            self.permit(account, name, *statements)
        return made["Role"]["Arn"]

    def permit(self, account, name, *statements, policy="permissions"):
        """Puts an inline policy of these statements on a role."""
        self.perform(
            account, "iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=document(*statements)
        )

    def root(self, account):
        """Keys of an account's root user."""
        return _keys(self._control("POST", "credentials", {"account": account}))

    def enter(self, account, role=ROLE, who=None, name="test", **more):
        """Keys of a session of a role: by default, of the one that the administrator enters members by."""
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
        given = self.client("sts", who).assume_role(RoleArn=arn, RoleSessionName=name, **more)["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    # Clients

    def client(self, service, who=None, region=HOME):
        """A client of a service, of the administrator unless `who` says otherwise."""
        keys = who or self.administrator
        key = (service, region, keys["aws_access_key_id"], keys.get("aws_session_token"))
        if key not in self.clients:
            self.clients[key] = SESSION.client(
                service, region_name=region, endpoint_url=self.endpoint, config=CONFIG, **keys
            )
            if service == "s3control":
                keep_host(self.clients[key], self.endpoint)
        return self.clients[key]

    def inside(self, service, account, region=HOME):
        """A client of a service in a member, as the administrator who entered it."""
        return self.client(service, self.enter(account), region)

    def _control(self, method, wish, said=None):
        body = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(f"{self.endpoint}/_simulator/{wish}", body, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {wish}: {json.load(error)['error']}") from None


def keep_host(client, endpoint):
    """Asks the endpoint as it is: S3 Control puts the account before the host, where nothing on loopback answers."""

    def keep(request, **_):
        request.url = urljoin(endpoint, urlsplit(request.url).path)

    client.meta.events.register_first("before-sign.s3-control", keep)


def _keys(given):
    keys = {"aws_access_key_id": given["access_key_id"], "aws_secret_access_key": given["secret_access_key"]}
    if given["session_token"]:
        keys["aws_session_token"] = given["session_token"]
    return keys


def document(*statements, version="2012-10-17"):
    """The text of a policy document; each statement is a dictionary, and what it leaves out is everything."""
    whole = []
    for statement in statements:
        filled = {"Effect": "Allow", **statement}
        if not {"Action", "NotAction"} & filled.keys():
            filled["Action"] = "*"
        if not {"Resource", "NotResource", "Principal", "NotPrincipal"} & filled.keys():
            filled["Resource"] = "*"
        whole.append(filled)
    return json.dumps({**({"Version": version} if version else {}), "Statement": whole})


def refused(code, call, **request):
    """The message of a refusal that must come, by this code."""
    return refusal(code, call, **request)["Error"]["Message"]


def refusal(code, call, **request):
    """The whole answer of a refusal that must come, by this code."""
    try:
        answer = call(**request)
    except ClientError as error:
        found = error.response["Error"]["Code"]
        assert found == code, f"{call.__name__} was refused by {found} rather than {code}: {error}"
        return error.response
    answer.pop("ResponseMetadata", None)
    raise AssertionError(f"{call.__name__} must be refused by {code}, but it answered {answer}")


def equal(found, expected):
    """Says both sides where they differ."""
    assert found == expected, f"{found!r} is not {expected!r}"


@contextmanager
def told():
    """Collects what a test that fails has to say: a list, empty if nothing failed."""
    found = []
    try:
        yield found
    except Exception as error:  # noqa: BLE001 - whatever a test raises is its failure
        where = traceback.extract_tb(error.__traceback__)
        line = next((f"{frame.lineno}: {frame.line}" for frame in reversed(where) if "stage.py" not in frame.filename
                     and "behaviours" in frame.filename and "run.py" not in frame.filename), "")
        found.append(f"{type(error).__name__}: {error} (line {line})")
