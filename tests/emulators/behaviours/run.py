"""Runs every test of a behaviour against a running simulator.

Each other file of this folder, `stage.py` aside, holds the behaviours of one service. A function there whose name
does not start with an underscore is the test of the behaviour of that name; it gets the stage, freshly reset.
Writes one line of JSON for each: the id, whether it is so, and otherwise why not.
"""

import argparse
import importlib
import inspect
import json
from pathlib import Path

from stage import Stage, told


def tests():
    """Every test with its name, file by file."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in ("run", "stage"):
            continue
        module = importlib.import_module(path.stem)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield name, function


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True)
    options.add_argument("--access-key", required=True)
    options.add_argument("--secret", required=True)
    options.add_argument("--only", help="a part of the ids to run, by hand")
    given = options.parse_args()
    stage = Stage(given.endpoint, given.access_key, given.secret)
    for name, test in tests():
        if given.only and given.only not in name:
            continue
        with told() as error:
            stage.reset()
            test(stage)
        print(json.dumps({"id": name, "ok": not error, "error": error[0] if error else None}), flush=True)


if __name__ == "__main__":
    main()
