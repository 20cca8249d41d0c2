//! The settings that a control may come to in some account, as far as the file alone can tell.

use serde_json::{Map, Value as Json};

use super::{Baseline, layered};

impl Baseline {
    /// The settings of a control wherever the baseline wants it: as it says for all accounts, with each override by
    /// itself, and with the overrides one after another.
    #[must_use]
    pub fn variants(&self, control: &str) -> Vec<Json> {
        let base = self.controls.get(control).map(layered::Layered::json);
        let first = base.clone().unwrap_or_else(|| Json::Object(Map::new()));
        let mut variants: Vec<Json> = base.into_iter().collect();
        let mut all = first.clone();
        for wanted in self.overrides.iter().filter_map(|one| one.controls.get(control)?.as_ref()) {
            let mut alone = first.clone();
            layered::merge(&mut alone, wanted);
            layered::merge(&mut all, wanted);
            variants.extend([alone, all.clone()]);
        }
        variants.dedup();
        variants
    }
}
