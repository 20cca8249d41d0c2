"""What an account of the emulated organization may look like.

Each column lists one control's variants against the baseline that the tests call full:
in line, each requirement drifted alone, stricter than asked, and the odd cases.
Nothing here is shared with trueup: names and values follow AWS's documentation.
"""

import random

from cloud import HOME

ABROAD = "us-east-1"
FEATURES = [
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
]
DATA_EVENTS = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]

PASSWORD = {
    "minimum_length": 14,
    "require_symbols": True,
    "require_numbers": True,
    "require_uppercase": True,
    "require_lowercase": True,
    "max_age_days": 90,
    "reuse_prevention": 12,
    "allow_users_to_change": True,
    "hard_expiry": True,
}
STRICTER = {**PASSWORD, "minimum_length": 20, "max_age_days": 60, "reuse_prevention": 24}
PASSWORDS = {
    "in_line": PASSWORD,
    "absent": None,
    "minimum_length": {**PASSWORD, "minimum_length": 8},
    "require_symbols": {**PASSWORD, "require_symbols": False},
    "require_numbers": {**PASSWORD, "require_numbers": False},
    "require_uppercase": {**PASSWORD, "require_uppercase": False},
    "require_lowercase": {**PASSWORD, "require_lowercase": False},
    "max_age_days": {**PASSWORD, "max_age_days": 365},
    "max_age_unset": {**PASSWORD, "max_age_days": 0},
    "reuse_prevention": {**PASSWORD, "reuse_prevention": 5},
    "reuse_unset": {**PASSWORD, "reuse_prevention": 0},
    "allow_users_to_change": {**PASSWORD, "allow_users_to_change": False},
    "hard_expiry": {**PASSWORD, "hard_expiry": False},
    "stricter": STRICTER,
    "stricter_but_symbols": {**STRICTER, "require_symbols": False},
    "only_length": {
        **dict.fromkeys(PASSWORD, False),
        "minimum_length": 20,
        "max_age_days": 0,
        "reuse_prevention": 0,
    },
    "seven_wrong": {
        "minimum_length": 6,
        "require_symbols": False,
        "require_numbers": False,
        "require_uppercase": False,
        "require_lowercase": False,
        "max_age_days": 0,
        "reuse_prevention": 0,
        "allow_users_to_change": True,
        "hard_expiry": True,
    },
}


def trail(name="trueup", managed=True, home=HOME, key="alias/trueup-trail", **differs):
    """A trail that meets the full baseline, but for what is said to differ."""
    return {
        "name": name,
        "managed": managed,
        "home": home,
        "multi_region": True,
        "validation": True,
        "logging": True,
        "key": key,
        "key_disabled": False,
        "selectors": [],
        "advanced": [],
        "insights": [],
        **differs,
    }


def selector(kind="All", management=True, data=(), without=()):
    return {
        "ReadWriteType": kind,
        "IncludeManagementEvents": management,
        "DataResources": list(data),
        "ExcludeManagementEventSources": list(without),
    }


MORE = {
    "key": "alias/audit",
    "selectors": [selector(data=DATA_EVENTS)],
    "insights": [{"InsightType": "ApiCallRateInsight"}],
}
ADVANCED_DATA = [
    {
        "Name": "objects",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        ],
    }
]
TRAILS = {
    "in_line": [trail()],
    "absent": [],
    "multi_region": [trail(multi_region=False)],
    "logging": [trail(logging=False)],
    "management_events": [trail(selectors=[selector("WriteOnly")])],
    "log_file_validation": [trail(validation=False)],
    "kms": [trail(key=None)],
    "single_region_of_others": [trail("audit", False, key="alias/audit", multi_region=False)],
    "validation_of_others": [trail("audit", False, key="alias/audit", validation=False)],
    "in_line_of_others": [trail("audit", False, key="alias/audit")],
    "abroad": [trail(home=ABROAD)],
    "abroad_without_validation": [trail(home=ABROAD, validation=False)],
    "abroad_single_region": [trail("audit", False, ABROAD, "alias/audit", multi_region=False)],
    "two_halves": [
        trail("everywhere", False, key=None, validation=False),
        trail("local", False, key="alias/audit", multi_region=False),
    ],
    "key_disabled": [trail(key="alias/audit", key_disabled=True)],
    "without_kms_events": [trail(selectors=[selector(without=["kms.amazonaws.com"])])],
    "data_events_only": [trail(advanced=ADVANCED_DATA)],
    "read_and_write_apart": [trail(selectors=[selector("ReadOnly"), selector("WriteOnly")])],
    "stricter": [trail("audit", False, **MORE)],
    "stricter_but_validation": [trail(**MORE, validation=False)],
    "stricter_but_single_region": [trail(**MORE, multi_region=False)],
    "control_tower": [trail("aws-controltower-BaselineCloudTrail", False, key=None, validation=False)],
}

# The kind of each key, in the order in which they are made.
KEYS = {
    "none": [],
    "rotating": ["on"],
    "still": ["off"],
    "mixed": ["on", "off", "asymmetric", "mac", "disabled", "pending", "imported"],
    "ineligible": ["asymmetric", "mac", "disabled", "pending", "imported"],
    "replica": ["replica"],
}
# moto takes its time to make a key, so the variants with many stand once in each column.
FEW_KEYS = ["none", "rotating", "still"]


def detector(status="ENABLED", frequency="FIFTEEN_MINUTES", on=("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")):
    features = {name: "ENABLED" if name in on else "DISABLED" for name in FEATURES}
    return {"status": status, "frequency": frequency, "features": features}


DETECTORS = {
    "in_line": detector(),
    "absent": None,
    "enabled": detector(status="DISABLED"),
    "publishing_frequency": detector(frequency="SIX_HOURS"),
    "features.S3_DATA_EVENTS": detector(on=["RDS_LOGIN_EVENTS"]),
    "features.RDS_LOGIN_EVENTS": detector(on=["S3_DATA_EVENTS"]),
    "stricter": detector(on=FEATURES),
    "stricter_but_frequency": detector(frequency="ONE_HOUR", on=FEATURES),
    "stricter_but_feature": detector(on=[name for name in FEATURES if name != "S3_DATA_EVENTS"]),
}

UNITS = [
    "/Security",
    "/Workloads",
    "/Workloads/Production",
    "/Workloads/Production/Shop",
    "/Workloads/Development",
    "/Sandbox",
]


def column(rng, variants, count, common=None):
    """Each variant at least once while there is room, in an order that the seed decides."""
    names = list(variants)
    names += rng.choices(common or names, k=max(0, count - len(names)))
    return rng.sample(names, count)


def drawn(seed, count):
    """An organization of so many accounts, the management account and one suspended among them."""
    rng = random.Random(seed)
    active = count - 1
    columns = {
        "password": column(rng, PASSWORDS, active),
        "trail": column(rng, TRAILS, active),
        "keys": column(rng, KEYS, active, FEW_KEYS),
        "keys_abroad": column(rng, KEYS, active, FEW_KEYS),
        "detector": column(rng, DETECTORS, active),
        "detector_abroad": column(rng, DETECTORS, active),
    }
    cast = []
    for index in range(active):
        account = {name: values[index] for name, values in columns.items()}
        account["name"] = "management" if index == 0 else f"member-{index:02}"
        account["ou"] = "/" if index == 0 else UNITS[(index - 1) % len(UNITS)]
        cast.append(account)
    cast.append({**cast[-1], "name": "closed", "ou": "/Sandbox", "suspended": True})
    return cast


def completed(cast):
    """A cast that says only what matters to a test, with everything else in line."""
    usual = {
        "ou": "/Workloads",
        "password": "in_line",
        "trail": "in_line",
        "keys": "none",
        "keys_abroad": "none",
        "detector": "in_line",
        "detector_abroad": "in_line",
    }
    whole = [{**usual, **account} for account in cast]
    if all(account["name"] != "management" for account in whole):
        whole.insert(0, {**usual, "name": "management", "ou": "/"})
    return whole
