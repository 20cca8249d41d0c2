"""What trueup must say of an organization, worked out here a second time and apart from it.

Reads what read.py wrote and the baseline file, and writes one row per account, region,
requirement and object. `names` are the names an object may go by; none where the object
is the account's only one of its kind.
"""

import argparse
import json
import sys

import yaml

from cloud import MANAGED

BOOLEANS = ["require_symbols", "require_numbers", "require_uppercase", "require_lowercase"]
EXACT = ["allow_users_to_change", "hard_expiry"]
TRAIL = ["multi_region", "logging", "management_events", "log_file_validation", "kms"]


def password(policy, wanted):
    """Requirement by requirement: is it met?"""
    met = {}
    for name, value in wanted.items():
        if policy is None:
            met[name] = False
        elif name in BOOLEANS:
            met[name] = policy[name] is True
        elif name in EXACT:
            met[name] = policy[name] is value
        elif name == "max_age_days":
            met[name] = 0 < policy[name] <= value
        else:
            met[name] = policy[name] >= value
    return met


def logs_management_events(trail):
    """Both reads and writes, of every service."""
    for one in trail["advanced"]:
        fields = {field["Field"]: field for field in one["FieldSelectors"]}
        if set(fields) == {"eventCategory"} and fields["eventCategory"]["Equals"] == ["Management"]:
            return True
    if trail["advanced"]:
        return False
    # A trail without selectors has AWS's default one: all management events.
    if not trail["selectors"]:
        return True
    kinds = set()
    for one in trail["selectors"]:
        if one.get("IncludeManagementEvents", True) and not one.get("ExcludeManagementEventSources"):
            kinds.add(one.get("ReadWriteType", "All"))
    return "All" in kinds or {"ReadOnly", "WriteOnly"} <= kinds


def trail_key(trail, account, named):
    """Encrypted under a key that is enabled, and that is the named one, where one is named."""
    for key in account["keys"].get(trail["home"], []):
        if trail["key"] in (key["arn"], key["id"]):
            return key["state"] == "Enabled" and (named is None or named in [*key["aliases"], key["arn"]])
    return False


def trail_needs(wanted):
    needs = [name for name in TRAIL if wanted.get(name) is True]
    if "kms_key" in wanted and "kms" not in needs:
        needs.append("kms")
    return needs


def best_trail(account, wanted):
    """The trail whose verdicts are the account's, and which requirements it meets."""
    needs = trail_needs(wanted)
    ranked = []
    for trail in account["trails"]:
        facts = {
            "multi_region": trail["multi_region"],
            "logging": trail["logging"],
            "management_events": logs_management_events(trail),
            "log_file_validation": trail["validation"],
            "kms": trail_key(trail, account, wanted.get("kms_key")),
        }
        met = {name: facts[name] for name in needs}
        rank = (
            -sum(met.values()),
            trail["name"] != wanted.get("name", "trueup"),
            MANAGED not in trail["tags"],
            not trail["multi_region"],
            trail["name"],
        )
        ranked.append((rank, trail, met))
    if not ranked:
        return None, dict.fromkeys(needs, False)
    _, trail, met = min(ranked, key=lambda entry: entry[0])
    return trail, met


def can_rotate(key):
    return (
        key["manager"] == "CUSTOMER"
        and key["spec"] == "SYMMETRIC_DEFAULT"
        and key["origin"] == "AWS_KMS"
        and key["state"] == "Enabled"
        and not key["replica"]
    )


def detector(found, wanted):
    features = wanted.get("features", [])
    met = {}
    one = found[0] if found else None
    if wanted.get("enabled") or features:
        met["enabled"] = one is not None and one["status"] == "ENABLED"
    if "publishing_frequency" in wanted:
        met["publishing_frequency"] = one is not None and one["frequency"] == wanted["publishing_frequency"]
    for name in features:
        met[f"features.{name}"] = one is not None and one["features"].get(name) == "ENABLED"
    return met


def row(account, region, control, requirement, met, names=None):
    return {
        "account": account["id"],
        "region": region,
        "control": control,
        "requirement": f"{control}.{requirement}",
        "names": names,
        "verdict": {True: "compliant", False: "drifted", None: "not_applicable"}[met],
    }


def judged(account, controls, regions):
    """The rows of one account, before exemptions."""
    rows = []
    control = "iam.password_policy"
    for name, met in password(account["password"], controls.get(control, {})).items():
        rows.append(row(account, None, control, name, met))
    control = "cloudtrail.trail"
    if control in controls:
        trail, met = best_trail(account, controls[control])
        # Where the account has none, or one that is not ours to mend, the new one may be meant.
        names = [controls[control].get("name", "trueup")]
        names += [trail["name"], trail["arn"]] if trail else []
        rows += [row(account, None, control, name, value, names) for name, value in met.items()]
    for region in regions:
        control = "kms.key_rotation"
        if control in controls:
            keys = [key for key in account["keys"][region] if can_rotate(key)]
            for key in keys:
                names = [key["id"], key["arn"], *key["aliases"]]
                rows.append(row(account, region, control, "enabled", key["rotation"], names))
            if not keys:
                rows.append(row(account, region, control, "enabled", None))
        control = "guardduty.detector"
        for name, met in detector(account["detectors"][region], controls.get(control, {})).items():
            rows.append(row(account, region, control, name, met))
    return rows


def below(path, unit):
    return unit == "/" or path == unit or path.startswith(f"{unit}/")


def matches(account, match):
    if "ou" in match and not below(account["ou"], match["ou"]):
        return False
    return "account" not in match or account["id"] == str(match["account"])


def controls_of(account, baseline):
    """The controls of one account: an override changes what it names, the later one wins."""
    controls = {name: dict(settings) for name, settings in baseline["controls"].items()}
    for override in baseline.get("overrides", []):
        if not matches(account, override["match"]):
            continue
        for name, settings in override["controls"].items():
            # PyYAML reads a bare `off` as false.
            if settings in (False, "off"):
                controls.pop(name, None)
            else:
                controls.setdefault(name, {}).update(settings)
    return controls


def truth(world, baseline):
    rows = []
    for account in world["accounts"]:
        if account["state"] != "ACTIVE":
            continue
        rows += judged(account, controls_of(account, baseline), baseline["regions"])
    for exemption in baseline.get("exemptions", []):
        for one in rows:
            exempt = one["requirement"] == exemption["requirement"] and one["account"] in exemption["accounts"]
            if exempt and one["verdict"] == "drifted":
                one["verdict"] = "exempt"
    return rows


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--baseline", required=True)
    given = options.parse_args()
    with open(given.baseline) as file:
        baseline = yaml.safe_load(file)
    json.dump(truth(json.load(sys.stdin), baseline), sys.stdout)


if __name__ == "__main__":
    main()
