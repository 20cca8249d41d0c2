"""Runs Prowler on one account of the stage, and reads what it found."""

import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def environment(endpoint, home, keys):
    """Nothing of this machine's AWS. Names below the endpoint's, as S3 Control has them, go to moto as a proxy."""
    found = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    named = {name.upper(): value for name, value in keys.items()}
    reached = {"AWS_ENDPOINT_URL": endpoint, "HTTP_PROXY": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    return {**found, **named, **reached, "HOME": home}


def scan(scanner, endpoint, account, keys, regions, checks):
    """The findings of an account: check, status, region, and the names under which the object is known."""
    with tempfile.TemporaryDirectory() as folder:
        command = [scanner, "aws", "--no-banner", "--scan-unused-services", "--ignore-exit-code-3"]
        command += ["--checks", *checks, "--region", *regions, "--aws-retries-max-attempts", "1"]
        command += ["--output-formats", "csv", "--output-filename", "found", "--output-directory", folder]
        command += ["--log-level", "CRITICAL"]
        ran = subprocess.run(command, env=environment(endpoint, folder, keys), capture_output=True, text=True)
        report = Path(folder) / "found.csv"
        if ran.returncode or not report.exists():
            sys.exit(f"the scanner failed in {account}: {ran.stdout}{ran.stderr}")
        with report.open(encoding="utf-8", newline="") as file:
            return [finding(account, row) for row in csv.DictReader(file, delimiter=";")]


def finding(account, row):
    tail = row["RESOURCE_UID"].split(":")[-1].split("/", 1)[-1]
    return {
        "account": account,
        "check": row["CHECK_ID"],
        "region": row["REGION"],
        "names": [row["RESOURCE_NAME"], tail, tail.rsplit("/", 1)[-1]],
        "status": row["STATUS"],
        "said": row["STATUS_EXTENDED"],
    }


def version(scanner):
    ran = subprocess.run([scanner, "--version"], capture_output=True, text=True)
    # It may go on to say whether it is the latest.
    return ran.stdout.split("(")[0].strip()
