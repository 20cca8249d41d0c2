"""Lays the verdicts of both tools side by side, and looks up what explains a difference. Pure."""

import re
from collections import defaultdict

OURS = {"compliant": "met", "drifted": "drifted", "pending": "drifted"}
THEIRS = {"PASS": "met", "FAIL": "drifted"}


class Things:
    """What the world made, by kind, so that an object is one thing under whichever name a tool knows it."""

    def __init__(self, things):
        self.named, self.variants = {}, defaultdict(list)
        for thing in things:
            where = thing["account"], thing["kind"]
            for name in thing["ids"]:
                self.named[*where, name] = thing["ids"][0]
            if thing["ids"]:
                self.variants[*where, thing["ids"][0]].append(thing["variant"])
            self.variants[*where, thing["region"]].append(thing["variant"])

    def object(self, account, kind, names):
        for name in names:
            if (account, kind, name) in self.named:
                return self.named[account, kind, name]
        return names[-1]

    def variant(self, key, row):
        """What the object, or all of the place, was made as."""
        found = self.variants.get((key[0], row["kind"], key[-1]))
        if row["by"] == "region":
            found = found or self.variants.get((key[0], row["kind"], None))
        return "; ".join(found or ["as it comes with the account"])


def place(row, things, account, region, names):
    """What two verdicts have to have in common to be about the same."""
    if row["by"] == "account":
        return (account, None)
    if row["by"] == "region":
        return (account, region)
    return (account, things.object(account, row["kind"], names))


def together(verdicts):
    """Several requirements, or several checks, in one: met where each is."""
    known = set(verdicts)
    if "drifted" in known:
        return "drifted"
    return "met" if known == {"met"} else "nothing"


def gathered(row, things, verdicts, findings):
    ours, theirs = defaultdict(list), defaultdict(list)
    for verdict in verdicts:
        if verdict["requirement"] in row["requirements"]:
            names = [verdict.get("object") or ""]
            key = place(row, things, verdict["account"], verdict.get("region"), names)
            ours[key].append(OURS.get(verdict["verdict"], verdict["verdict"]))
    for found in findings:
        if found["check"] in row["checks"]:
            key = place(row, things, found["account"], found["region"], found["names"])
            theirs[key].append(THEIRS.get(found["status"], found["status"]))
    return ours, theirs


def compared(row, things, verdicts, findings):
    """Each place that the scanner gave a verdict about: what both said, and what it was made as."""
    ours, theirs = gathered(row, things, verdicts, findings)
    rows, alone = [], 0
    for key in sorted(set(ours) | set(theirs), key=str):
        said = together(theirs[key]) if key in theirs else "nothing"
        variant = things.variant(key, row)
        if not re.search(row.get("variants", ""), variant) or key[-1] in row.get("except", []):
            continue
        if said == "nothing":
            alone += 1
            continue
        mine = together(ours[key]) if key in ours else row.get("silence", "nothing")
        rows.append({"at": key, "ours": mine, "theirs": said, "variant": variant})
    return rows, alone


def explained(row, one, differences):
    """The first explanation that is about this requirement, these two verdicts and what the thing was made as."""
    for number, known in enumerate(differences):
        about = any(re.fullmatch(known["requirement"], name) for name in row["requirements"])
        same = all(re.fullmatch(known[side], one[side]) for side in ("ours", "theirs"))
        if about and same and re.search(known["variant"], one["variant"]):
            return number
    return None


def judged(mapping, differences, world, verdicts, findings):
    """A line of the result for each row of the mapping."""
    things, lines = Things(world["things"]), []
    for row in mapping:
        rows, alone = compared(row, things, verdicts, findings)
        line = {"row": row, "compared": len(rows), "met": 0, "drifted": 0, "alone": alone, "explained": [], "open": []}
        for one in rows:
            if one["ours"] == one["theirs"]:
                line[one["ours"]] += 1
            elif (number := explained(row, one, differences)) is not None:
                line["explained"].append(number)
            else:
                line["open"].append(one)
        lines.append(line)
    return lines
