"""Holds trueup's verdicts against those of a scanner that many know, on one seeded organization on moto.

Prints the result, and ends with 0 where every difference is explained, with 1 where one is not.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What seeds the emulators of `cargo test` seeds this one.
sys.path[:0] = [str(HERE), str(HERE.parent / "emulators")]

import judge  # noqa: E402
import report  # noqa: E402
import scanner  # noqa: E402
import world  # noqa: E402


def data(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def plan(trueup, endpoint, made, controls):
    """trueup's verdicts on every account of the organization."""
    baseline = {
        "version": 1,
        "name": "peers",
        "organization": made["organization"],
        "management_account": "include",
        "regions": made["regions"],
        "controls": controls,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "baseline.yaml"
        # JSON is YAML.
        path.write_text(json.dumps(baseline), encoding="utf-8")
        command = [trueup, "plan", "--baseline", str(path), "--format", "json", "--state", folder]
        command += ["--endpoint-url", endpoint, "--region", made["regions"][0]]
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
        ran = subprocess.run(command, env={"HOME": folder, **keys}, capture_output=True, text=True)
    # 2: something drifted; 3: something could not be read, which the verdicts say.
    if ran.returncode not in (0, 2, 3):
        sys.exit(f"trueup failed: {ran.stderr}")
    return json.loads(ran.stdout)


def stage():
    """moto in a process of its own, which ends with this one."""
    command = [sys.executable, str(HERE / "stage.py")]
    # moto writes a traceback for each operation that it lacks.
    quiet = {"stderr": subprocess.DEVNULL, "text": True}
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **quiet)
    return child, json.loads(child.stdout.readline())["endpoint"]


def talk(words):
    print(words, file=sys.stderr, flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scanner", metavar="PATH", help="the program of Prowler")
    options.add_argument("--trueup", metavar="PATH", help="the program of trueup")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--accounts", type=int, default=4, help="each takes the scanner about a minute")
    options.add_argument("--keep", metavar="FILE", help="write everything that was made and said to this file as well")
    options.add_argument("--again", metavar="FILE", help="compare what such a file holds, and run nothing")
    given = options.parse_args()
    if not (given.again or (given.scanner and given.trueup)):
        options.error("--scanner and --trueup are needed, or --again")
    if given.again:
        seen = json.loads(Path(given.again).read_text(encoding="utf-8"))
    else:
        seen = observed(given)
    if given.keep:
        Path(given.keep).write_text(json.dumps(seen, indent=1), encoding="utf-8")
    differences = data("differences.json")
    lines = judge.judged(data("mapping.json"), differences, seen["world"], seen["plan"]["verdicts"], seen["findings"])
    print(report.text(seen, lines, differences), end="")
    unexplained = report.unexplained(lines)
    talk("".join(unexplained) or "every difference is explained")
    sys.exit(1 if unexplained else 0)


def observed(given):
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    child, endpoint = stage()
    mapping = data("mapping.json")
    checks = sorted({check for row in mapping for check in row["checks"]})
    talk(f"making {given.accounts} accounts")
    made = world.make(endpoint, given.seed, given.accounts)
    findings = []
    for number, account in enumerate(made["accounts"], 1):
        talk(f"scanning {account}, {number} of {given.accounts}")
        findings += scanner.scan(given.scanner, endpoint, account, made["keys"][account], made["regions"], checks)
    talk("planning")
    planned = plan(given.trueup, endpoint, made, data("baseline.json"))
    child.stdin.close()
    child.wait()
    made.pop("keys")
    return {
        "world": made,
        "plan": {"tool": planned["tool"], "verdicts": planned["verdicts"]},
        "findings": findings,
        "versions": report.versions(planned["tool"], scanner.version(given.scanner)),
        "seed": given.seed,
    }


if __name__ == "__main__":
    main()
