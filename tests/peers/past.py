"""Tells the stage what an account remembers."""

import json
import urllib.request


def remember(endpoint, past):
    urllib.request.urlopen(f"{endpoint}/peers/past", json.dumps(past).encode()).read()
