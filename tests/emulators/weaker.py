"""Lists every setting that is weaker in the second of two worlds that read.py wrote."""

import json
import sys

from truth import BOOLEANS, logs_management_events


def passwords(before, after):
    if before is None:
        return []
    if after is None:
        return ["password policy"]
    lost = [name for name in BOOLEANS if before[name] and not after[name]]
    lost += [name for name in ["minimum_length", "reuse_prevention"] if after[name] < before[name]]
    # No age at all is the weakest age.
    if (after["max_age_days"] or sys.maxsize) > (before["max_age_days"] or sys.maxsize):
        lost.append("max_age_days")
    return lost


def resources(trail):
    """The data events that the selectors name, one text for each."""
    found = {json.dumps(one, sort_keys=True) for one in trail["insights"]}
    for one in trail["selectors"]:
        for data in one.get("DataResources", []):
            found |= {f"{data['Type']} {value}" for value in data["Values"]}
    for one in trail["advanced"]:
        fields = json.dumps(one["FieldSelectors"], sort_keys=True)
        if '"Management"' not in fields:
            found.add(fields)
    return found


def trails(before, after):
    lost = []
    now = {trail["arn"]: trail for trail in after}
    for trail in before:
        name = trail["name"]
        kept = now.get(trail["arn"])
        if kept is None:
            lost.append(f"trail {name}")
            continue
        lost += [f"{name} {part}" for part in ["multi_region", "validation", "logging"] if trail[part] > kept[part]]
        if trail["key"] and not kept["key"]:
            lost.append(f"{name} key")
        if logs_management_events(trail) and not logs_management_events(kept):
            lost.append(f"{name} management events")
        lost += [f"{name} {one}" for one in resources(trail) - resources(kept)]
    return lost


def keys(before, after):
    rotating = {key["id"] for key in after if key["rotation"]}
    return [f"rotation of {key['id']}" for key in before if key["rotation"] and key["id"] not in rotating]


def detectors(before, after):
    lost = []
    now = {one["id"]: one for one in after}
    for one in before:
        kept = now.get(one["id"])
        if kept is None:
            lost.append(f"detector {one['id']}")
            continue
        if one["status"] == "ENABLED" != kept["status"]:
            lost.append("detector enabled")
        for name, status in one["features"].items():
            if status == "ENABLED" != kept["features"].get(name):
                lost.append(f"feature {name}")
    return lost


def main():
    before, after = json.load(sys.stdin)
    now = {account["id"]: account for account in after["accounts"]}
    lost = []
    for account in before["accounts"]:
        kept = now[account["id"]]
        found = passwords(account["password"], kept["password"]) + trails(account["trails"], kept["trails"])
        for region in before["regions"]:
            found += keys(account["keys"][region], kept["keys"][region])
            found += detectors(account["detectors"][region], kept["detectors"][region])
        lost += [f"{account['name']} {one}" for one in found]
    json.dump(lost, sys.stdout)


if __name__ == "__main__":
    main()
