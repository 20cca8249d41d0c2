"""Makes an organization on the stage, every setting drawn from a seed, and says what it made."""

import random

import network
import people
import services
import trails
from botocore.config import Config
from cloud import HOME, MANAGEMENT, Cloud
from seed import organization

UNITS = ["/Workloads", "/Workloads/Production", "/Sandbox"]


def public_access_block(cloud, rng, account):
    """The account's own; its calls go to a name below the endpoint's, which moto as a proxy need not resolve."""
    config = Config(proxies={"http": cloud.endpoint}, retries={"max_attempts": 1})
    where = {"region_name": HOME, "endpoint_url": cloud.endpoint}
    client = cloud.session.client("s3control", config=config, **where, **cloud._keys(account))
    return services.public_access_block(rng, account, client)


def furnish(cloud, seed, account):
    """Furnishes an account; each thing with its kind, region, ids and what it was made as."""
    rng, made = random.Random(f"{seed}/{account['name']}"), []
    at = account["id"]
    for region, many in zip(cloud.regions, (16, 8), strict=True):
        there = network.furnish(cloud, rng, at, region, many) + services.furnish(cloud, rng, at, region)
        made += [{**thing, "region": region} for thing in there]
    made += people.furnish(cloud, rng, at)
    block = public_access_block(cloud, rng, at)
    made.append({"kind": "public access", "ids": [], "variant": block})
    made += trails.furnish(cloud, rng, at, all(name in block for name in services.BLOCKS))
    return [{"account": at, "region": None, **thing} for thing in made]


def make(endpoint, seed, accounts):
    """The organization: its id, the ids of its accounts, and everything that was made in them."""
    cloud = Cloud(endpoint)
    cast = [{"name": "management", "ou": "/"}]
    cast += [{"name": f"member-{number:02}", "ou": UNITS[number % len(UNITS)]} for number in range(1, accounts)]
    made = organization(cloud, cast)
    things = [thing for account in cast for thing in furnish(cloud, seed, account)]
    return {
        "organization": made,
        "management": MANAGEMENT,
        "regions": cloud.regions,
        "accounts": [account["id"] for account in cast],
        "things": things,
        "keys": {account["id"]: cloud._keys(account["id"]) for account in cast},
    }
