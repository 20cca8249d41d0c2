//! Waves as they are typed with a command: the same as in the file, in one word each.

use std::str::FromStr;
use std::sync::Arc;

use super::fields::Spanned;
use super::mistake::{Source, Span, shown};
use super::rollout::WaveOf;
use super::scope::Scope;

/// The selectors of a wave, and its size.
const KEYS: [&str; 4] = ["ou=", "account=", "tag=", "size="];
const FORM: &str = "ou=/PATH, account=ID, tag=KEY[=VALUE] or size=N, with + between what has to hold together";

impl FromStr for WaveOf {
    type Err = String;

    /// `ou=/Sandbox`, `tag=tier=dev+size=25`: a tag may hold a plus sign, so one counts only before a selector.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut wave = Self { scope: Scope::default(), size: None };
        let mut rest = text;
        loop {
            let next = KEYS.iter().filter_map(|key| rest.find(&format!("+{key}"))).min();
            let (one, more) = next.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
            wave.take(one)?;
            match more {
                Some(more) => rest = more,
                None => return Ok(wave),
            }
        }
    }
}

impl WaveOf {
    fn take(&mut self, one: &str) -> Result<(), String> {
        let (key, value) = one.split_once('=').unwrap_or((one, ""));
        match key {
            "ou" => self.scope.ous.push(spanned(one, value)?),
            "account" => self.scope.accounts.push(spanned(one, value)?),
            "tag" => self.scope.tags.push(spanned(one, value)?),
            "size" if self.size.is_some() => return Err("it has two sizes".to_owned()),
            "size" => {
                let size = value.parse().ok().filter(|size| *size > 0);
                self.size = Some(size.ok_or_else(|| format!("`{}` is not a size of 1 or more", shown(value)))?);
            }
            _ => return Err(format!("`{}` chooses no accounts: write {FORM}", shown(one))),
        }
        Ok(())
    }

    /// The accounts of a canary, typed as several selectors.
    ///
    /// # Errors
    /// One of them has a size.
    pub fn canary(typed: &[Self]) -> Result<Scope, String> {
        let mut scope = Scope::default();
        for one in typed {
            if one.size.is_some() {
                return Err("a canary has no size: name its accounts by ou=, account= or tag=".to_owned());
            }
            scope.ous.extend(one.scope.ous.iter().cloned());
            scope.accounts.extend(one.scope.accounts.iter().cloned());
            scope.tags.extend(one.scope.tags.iter().cloned());
        }
        Ok(scope)
    }

    /// Waves in their order: the one that takes all that are left is the last.
    ///
    /// # Errors
    /// It is not.
    pub fn in_order(typed: &[Self]) -> Result<&[Self], String> {
        let before = typed.split_last().map(|(_, before)| before).unwrap_or_default();
        if before.iter().any(|wave| wave.scope == Scope::default()) {
            return Err("a wave of a size alone takes all that are left, so it is the last".to_owned());
        }
        Ok(typed)
    }
}

fn spanned<T: FromStr>(one: &str, value: &str) -> Result<Spanned<T>, String>
where
    T::Err: std::fmt::Display,
{
    let source = Arc::new(Source { order: 0, name: "the command line".to_owned(), text: one.to_owned() });
    let span = Span::new(&source, 0..one.len());
    let value = value.parse().map_err(|error: T::Err| error.to_string())?;
    Ok(Spanned { value, span })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(text: &str) -> WaveOf {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn refused(text: &str) -> String {
        text.parse::<WaveOf>().expect_err("it is no wave")
    }

    #[test]
    fn a_wave_is_typed_as_selectors_that_hold_together_and_a_size() {
        let typed = wave("ou=/Workloads+account=111122223333+tag=tier=a+b+size=25");
        assert_eq!(typed.scope.ous[0].value.to_string(), "/Workloads");
        assert_eq!(typed.scope.accounts[0].value.as_str(), "111122223333");
        assert_eq!(typed.scope.tags[0].value.value.as_deref(), Some("a+b"), "a plus sign may stand in a tag");
        assert_eq!(typed.size, Some(25));
        assert_eq!(wave("tag=tier=dev+tag=tier=test").scope.tags.len(), 2);
    }

    #[test]
    fn what_is_no_wave_is_refused_with_how_to_write_one() {
        assert!(refused("/Sandbox").contains("write ou=/PATH"), "{}", refused("/Sandbox"));
        assert!(refused("size=0").contains("1 or more"));
        assert!(refused("size=1+size=2").contains("two sizes"));
        assert!(refused("account=12").contains("12"));
        assert!(refused("").contains("chooses no accounts"));
    }

    #[test]
    fn a_canary_is_all_that_was_typed_and_has_no_size() {
        let scope = WaveOf::canary(&[wave("ou=/A"), wave("ou=/B+tag=x")]).expect("a canary");
        assert_eq!((scope.ous.len(), scope.tags.len()), (2, 1));
        assert!(WaveOf::canary(&[wave("ou=/A+size=2")]).is_err());
    }

    #[test]
    fn only_the_last_wave_takes_all_that_are_left() {
        assert!(WaveOf::in_order(&[wave("ou=/A"), wave("size=5")]).is_ok());
        assert!(WaveOf::in_order(&[wave("size=5"), wave("ou=/A")]).is_err());
    }
}
