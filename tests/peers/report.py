"""The result as Markdown: one line for each row of the mapping, then what explains the differences."""

from collections import Counter
from importlib.metadata import version

HEAD = """# The last result

Made by the command in `README.md` with `--seed {seed} --accounts {accounts}`; {versions}.

{requirements} requirements were held against {checks} checks in {rows} lines. Of {objects} verdicts that both gave, \
{agreed} agreed ({met} met, {drifted} drifted), {explained} differ and are explained, {open} differ and are not.

| requirement | check | compared | agreed: met | agreed: drifted | explained | not explained | judged by trueup alone |
|---|---|---:|---:|---:|---:|---:|---:|
"""


def versions(trueup, scanner):
    return [trueup, scanner, f"moto {version('moto')}", f"boto3 {version('boto3')}"]


def named(names):
    return "<br>".join(f"`{name}`" for name in names)


def text(seen, lines, differences):
    used = Counter(number for line in lines for number in line["explained"])
    total = {part: sum(line[part] for line in lines) for part in ("compared", "met", "drifted")}
    head = HEAD.format(
        seed=seen["seed"],
        accounts=len(seen["world"]["accounts"]),
        versions=", ".join(seen["versions"]),
        rows=len(lines),
        requirements=len({name for line in lines for name in line["row"]["requirements"]}),
        checks=len({name for line in lines for name in line["row"]["checks"]}),
        objects=total["compared"],
        agreed=total["met"] + total["drifted"],
        met=total["met"],
        drifted=total["drifted"],
        explained=sum(used.values()),
        open=sum(len(line["open"]) for line in lines),
    )
    return head + "".join(map(row, lines)) + explanations(used, differences)


def row(line):
    marks = "".join(f" [{number + 1}]" for number in sorted(set(line["explained"])))
    about = named(line["row"]["requirements"])
    if "only" in line["row"]:
        about += f"<br>({line['row']['only']})"
    cells = [
        about,
        named(line["row"]["checks"]),
        str(line["compared"]),
        str(line["met"]),
        str(line["drifted"]),
        f"{len(line['explained'])}{marks}",
        str(len(line["open"])),
        str(line["alone"]),
    ]
    return f"| {' | '.join(cells)} |\n"


def explanations(used, differences):
    found = ["\n## What explains the differences\n\n"]
    for number, times in sorted(used.items()):
        known = differences[number]
        said = f"trueup: {known['ours']}, scanner: {known['theirs']}".replace("(met|drifted)", "met or drifted")
        found.append(f"- [{number + 1}] {said} ({times}×). {known['words']} <{known['aws']}>\n")
    return "".join(found)


def unexplained(lines):
    found = []
    for line in lines:
        for one in line["open"]:
            what = f"{', '.join(line['row']['requirements'])} / {', '.join(line['row']['checks'])}"
            said = f"trueup {one['ours']}, scanner {one['theirs']}"
            found.append(f"{what} at {one['at']}: {said}; made as: {one['variant']}\n")
    return found
