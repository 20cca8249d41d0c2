"""The patterns of the 15 metric filters, as CIS has them and as Security Hub does where it differs."""

import json
from pathlib import Path

PATTERNS = json.loads((Path(__file__).parent / "patterns.json").read_text(encoding="utf-8"))
