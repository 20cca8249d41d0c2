//! The tree of units, and the place of an account in it.

use std::collections::BTreeMap;

use super::OrganizationalUnit;
use crate::target::AccountId;

/// The units by id, and which of them holds which account, where that had to be asked.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) units: BTreeMap<String, Unit>,
    pub(super) holds: BTreeMap<AccountId, String>,
}

/// A unit, or a root, which has neither name nor parent.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: Option<String>,
    pub(super) parent: Option<String>,
}

impl Tree {
    /// The path by names, and the ids from the root down; neither where the place is not known.
    ///
    /// `paths` is what `ListAccounts` sends: ids such as `o-…/r-…/ou-…/`, without names.
    pub(super) fn place(&self, account: &AccountId, paths: &[String]) -> (Option<String>, Vec<String>) {
        let sent = || {
            let mut ids = paths.first()?.split('/').filter(|id| id.starts_with("r-") || id.starts_with("ou-"));
            ids.next_back().map(str::to_owned)
        };
        match self.holds.get(account).cloned().or_else(sent) {
            Some(holder) => self.path(&holder),
            None => (None, vec![]),
        }
    }

    /// Every unit with its path, sorted by path.
    pub(super) fn units(&self) -> Vec<OrganizationalUnit> {
        let placed = |id: &String| self.path(id).0.map(|path| OrganizationalUnit { id: id.clone(), path });
        let mut units: Vec<_> = self.units.keys().filter_map(placed).collect();
        units.sort_by(|a, b| (&a.path, &a.id).cmp(&(&b.path, &b.id)));
        units
    }

    fn path(&self, unit: &String) -> (Option<String>, Vec<String>) {
        let mut ids = vec![];
        let mut names = vec![];
        let mut next = Some(unit);
        while let Some(id) = next {
            // A unit made or moved while the tree was walked; its place is not known.
            let Some(unit) = self.units.get(id).filter(|_| ids.len() < self.units.len()) else {
                return (None, vec![]);
            };
            ids.push(id.clone());
            names.extend(unit.name.as_deref());
            next = unit.parent.as_ref();
        }
        ids.reverse();
        names.reverse();
        (Some(format!("/{}", names.join("/"))), ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let unit = |id: &str, name: Option<&str>, parent: Option<&str>| {
            (id.to_owned(), Unit { name: name.map(str::to_owned), parent: parent.map(str::to_owned) })
        };
        Tree {
            units: BTreeMap::from([
                unit("r-1", None, None),
                unit("ou-1-sand", Some("Sandbox"), Some("r-1")),
                unit("ou-1-dev", Some("Dev"), Some("ou-1-sand")),
            ]),
            holds: BTreeMap::from([("111122223333".parse().expect("an id"), "ou-1-dev".to_owned())]),
        }
    }

    #[test]
    fn the_path_has_names_from_the_root_down() {
        let (path, ids) = tree().place(&"111122223333".parse().expect("an id"), &[]);
        assert_eq!(path.as_deref(), Some("/Sandbox/Dev"));
        assert_eq!(ids, ["r-1", "ou-1-sand", "ou-1-dev"]);
    }

    #[test]
    fn ids_that_were_sent_become_names() {
        let account = "444455556666".parse().expect("an id");
        let (path, _) = tree().place(&account, &["o-abc/r-1/ou-1-sand/".to_owned()]);
        assert_eq!(path.as_deref(), Some("/Sandbox"));
        let (path, ids) = tree().place(&account, &["o-abc/r-1/".to_owned()]);
        assert_eq!((path.as_deref(), ids), (Some("/"), vec!["r-1".to_owned()]));
    }

    #[test]
    fn a_unit_that_is_not_in_the_tree_leaves_the_place_unknown() {
        let account = "444455556666".parse().expect("an id");
        assert_eq!(tree().place(&account, &["o-abc/r-1/ou-1-new/".to_owned()]), (None, vec![]));
        assert_eq!(tree().place(&account, &[]), (None, vec![]));
    }
}
