"""Judges baseline files by their JSON Schema, with a validator that an editor would use.

Takes a JSON object on standard input, {"schema": ..., "files": [text, ...]}; prints a list: of each file
null where it is valid, or the first complaint. A schema that is none ends with an error.
"""

import json
import sys

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match


def main():
    given = json.load(sys.stdin)
    Draft202012Validator.check_schema(given["schema"])
    validator = Draft202012Validator(given["schema"])
    complaints = [best_match(validator.iter_errors(yaml.safe_load(text))) for text in given["files"]]
    json.dump([complaint and complaint.message for complaint in complaints], sys.stdout)


if __name__ == "__main__":
    main()
