"""The comparison sees what is wrong, missing and explained: `python3 -m unittest discover tests/peers`."""

import unittest

import judge

ROW = {"requirements": ["a.b.c"], "checks": ["check"], "by": "object", "kind": "thing"}
THINGS = [{"account": "1", "region": None, "kind": "thing", "ids": ["ours", "theirs"], "variant": "odd"}]
KNOWN = {"requirement": "a.b.c", "ours": "met", "theirs": "drifted", "variant": "odd", "aws": "", "words": ""}


def said(verdict, name="ours"):
    return {"account": "1", "requirement": "a.b.c", "object": name, "verdict": verdict}


def found(status, name="theirs"):
    return {"account": "1", "check": "check", "region": "here", "names": [name], "status": status}


def line(verdicts, findings, differences=(), **row):
    return judge.judged([{**ROW, **row}], list(differences), {"things": THINGS}, verdicts, findings)[0]


class Compared(unittest.TestCase):
    def open(self, *given, **row):
        return len(line(*given, **row)["open"])

    def test_one_object_is_known_by_both_its_names(self):
        self.assertEqual(line([said("compliant")], [found("PASS")])["met"], 1)
        self.assertEqual(line([said("drifted")], [found("FAIL")])["drifted"], 1)

    def test_a_contradiction_is_open_either_way(self):
        self.assertEqual(self.open([said("compliant")], [found("FAIL")]), 1)
        self.assertEqual(self.open([said("drifted")], [found("PASS")]), 1)

    def test_what_trueup_does_not_speak_of_or_cannot_read_is_open(self):
        self.assertEqual(self.open([], [found("FAIL")]), 1)
        self.assertEqual(self.open([said("unreadable")], [found("FAIL")]), 1)
        self.assertEqual(self.open([], [found("PASS")], silence="met"), 0)
        self.assertEqual(self.open([], [found("FAIL")], silence="met"), 1)

    def test_what_the_scanner_does_not_judge_is_counted_apart(self):
        for findings in ([], [found("MANUAL")]):
            seen = line([said("drifted")], findings)
            self.assertEqual((seen["compared"], seen["alone"]), (0, 1))

    def test_several_checks_pass_together_or_not_at_all(self):
        both = [found("PASS"), found("FAIL")]
        self.assertEqual(line([said("drifted")], both)["drifted"], 1)

    def test_an_explanation_holds_for_these_verdicts_and_this_variant_alone(self):
        self.assertEqual(line([said("compliant")], [found("FAIL")], [KNOWN])["explained"], [0])
        self.assertEqual(self.open([said("drifted")], [found("PASS")], [KNOWN]), 1)
        self.assertEqual(self.open([said("compliant")], [found("FAIL")], [{**KNOWN, "variant": "plain"}]), 1)
        self.assertEqual(self.open([said("compliant", "x")], [found("FAIL", "x")], [KNOWN]), 1)


if __name__ == "__main__":
    unittest.main()
