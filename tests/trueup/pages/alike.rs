//! Whether a run printed what a page shows. Ids and digests differ from run to run: what is the same on the page has
//! to be the same in the run, and what differs there has to differ. Times have to be times.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex_lite::Regex;

/// What stands on a page for any number of lines that are not shown.
pub(super) const CUT: &str = "[…]";

/// Kinds of ids, and behind them what only has to look alike: times, days, clocks, signatures.
const IDS: [&str; 6] = [
    r"\d{8}T\d{6}Z-[0-9a-f]{4}",
    r"sha256:[0-9a-f]{64}",
    r"sha256:[0-9a-f]{12}",
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"A[A-Z]{2}A[A-Z0-9]{16}",
    r"\b[0-9a-f]{32}\b",
];
const LOOSE: [&str; 5] = [
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC",
    r"\d{4}-\d\d-\d\d",
    r"(?:as that of AWS|\d+ s (?:ahead of|behind) AWS)",
    r"[A-Za-z0-9+/]{64,}={0,2}",
];

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let kinds = IDS.iter().chain(&LOOSE).map(|kind| format!("({kind})")).collect::<Vec<_>>();
    Regex::new(&kinds.join("|")).expect("an expression")
});

/// Which id of the run stands for which id of the page.
#[derive(Clone, Default)]
pub(super) struct Ids {
    run: BTreeMap<String, String>,
    page: BTreeMap<String, String>,
}

/// The parts of a line: texts, and between them tokens with their kind.
fn parts(line: &str) -> (Vec<&str>, Vec<(usize, &str)>) {
    let (mut texts, mut tokens, mut from) = (vec![], vec![], 0);
    for found in TOKEN.captures_iter(line) {
        let whole = found.get(0).expect("it was found");
        let kind = (1..=IDS.len() + LOOSE.len()).find(|kind| found.get(*kind).is_some()).expect("one kind");
        texts.push(&line[from..whole.start()]);
        tokens.push((kind - 1, whole.as_str()));
        from = whole.end();
    }
    texts.push(&line[from..]);
    (texts, tokens)
}

impl Ids {
    /// Whether this line of the page is that line of the run; learns its ids if so.
    fn same(&mut self, shown: &str, printed: &str) -> bool {
        let ((texts, tokens), (found, got)) = (parts(shown), parts(printed));
        if texts != found || tokens.len() != got.len() {
            return false;
        }
        let mut learned = self.clone();
        for ((kind, page), (other, run)) in tokens.into_iter().zip(got) {
            if kind != other || (kind < IDS.len() && !learned.fits(page, run)) {
                return false;
            }
        }
        *self = learned;
        true
    }

    fn fits(&mut self, page: &str, run: &str) -> bool {
        let (run_id, page_id) = (run.to_owned(), page.to_owned());
        self.run.entry(page_id.clone()).or_insert_with(|| run_id.clone()) == run
            && self.page.entry(run_id).or_insert(page_id) == page
    }

    /// A text of the page with the ids of the run.
    pub(super) fn of_the_run(&self, text: &str) -> String {
        self.run.iter().fold(text.to_owned(), |text, (page, run)| text.replace(page, run))
    }

    /// A text of the run with the ids of the page, where the page has any.
    pub(super) fn of_the_page(&self, text: &str) -> String {
        self.page.iter().fold(text.to_owned(), |text, (run, page)| text.replace(run, page))
    }

    /// Whether the run printed what is shown. Learns the ids of a run that did.
    pub(super) fn alike(&mut self, shown: &[String], printed: &[String]) -> bool {
        let mut learned = self.clone();
        let mut rest = printed.iter();
        let mut cut = false;
        for line in shown {
            if line.trim() == CUT {
                cut = true;
                continue;
            }
            let found = if cut {
                rest.any(|printed| learned.same(line, printed))
            } else {
                rest.next().is_some_and(|printed| learned.same(line, printed))
            };
            if !found {
                return false;
            }
            cut = false;
        }
        let whole = cut || rest.next().is_none();
        if whole {
            *self = learned;
        }
        whole
    }
}

#[test]
fn what_is_the_same_on_the_page_is_the_same_in_the_run() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let page = lines("run 20261127T024350Z-76d8 of 2026-11-27 02:43:50 UTC\n[…]\nundo 20261127T024350Z-76d8");
    let run =
        |undone: &str| lines(&format!("run 20270101T000000Z-0001 of 2027-01-01 00:00:00 UTC\na\n\nundo {undone}"));
    let mut ids = Ids::default();
    assert!(!ids.alike(&page, &run("20270101T000000Z-0002")), "another run is undone");
    assert!(!ids.alike(&page, &run("it")), "no run is undone");
    assert!(!ids.alike(&page[..1], &run("20270101T000000Z-0001")), "more is printed than is shown");
    assert!(ids.alike(&page, &run("20270101T000000Z-0001")));
    assert_eq!(ids.of_the_run("trueup revert 20261127T024350Z-76d8"), "trueup revert 20270101T000000Z-0001");
    assert_eq!(ids.of_the_page("20270101T000000Z-0001"), "20261127T024350Z-76d8");
    let another = lines("run 20261127T024350Z-76d9 of 2026-11-27 02:43:50 UTC");
    assert!(!ids.alike(&another, &run("")[..1]), "the page has another id for that run");
}
