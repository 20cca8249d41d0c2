//! The user's configuration files, as far as trueup looks into them by itself: the SDK tells of a mistake there late,
//! and in words of something else, such as a region that is missing.

use std::borrow::Cow;

use aws_config::profile::{self, ProfileFileLoadError, ProfileSet};
use aws_types::os_shim_internal::{Env, Fs};

use super::errors::words;
use crate::failure::Failure;

/// How alike two names are that may have been confused.
const ALIKE: f64 = 0.8;

/// The profiles of the user's files, with the one that is meant chosen.
pub(super) async fn load(env: &Env, fs: &Fs, typed: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
    let chosen = typed.map(|profile| Cow::Owned(profile.to_owned()));
    #[expect(clippy::default_trait_access, reason = "the SDK exports the type by a deprecated name only")]
    let files = Default::default();
    profile::load(fs, env, &files, chosen).await
}

/// What is wrong with a profile that is asked for by name.
///
/// # Errors
/// There is none of that name, or the files cannot be read.
pub(super) fn must_be_there(found: &Result<ProfileSet, ProfileFileLoadError>, typed: &str) -> Result<(), Failure> {
    let profiles = found.as_ref().map_err(|error| Failure::failed(unreadable(error)).hint(MEND))?;
    match missing(profiles, typed) {
        None => Ok(()),
        Some(said) => {
            let failure = Failure::usage(format!("there is no profile `{typed}` in the AWS configuration"));
            Err(failure.hint(said))
        }
    }
}

/// What is wrong with the files or with `AWS_PROFILE`. Whether it matters is not known before something is missing.
pub(super) fn trouble(found: &Result<ProfileSet, ProfileFileLoadError>, env: &Env) -> Option<String> {
    match (found, env.get("AWS_PROFILE")) {
        (Err(error), _) => Some(unreadable(error)),
        (Ok(profiles), Ok(named)) if !named.is_empty() => missing(profiles, &named)
            .map(|said| format!("AWS_PROFILE names the profile `{named}`, which is not there: {said}")),
        (Ok(_), _) => None,
    }
}

const MEND: &str = "the files are ~/.aws/config and ~/.aws/credentials, unless AWS_CONFIG_FILE and \
                    AWS_SHARED_CREDENTIALS_FILE name others";

fn unreadable(error: &ProfileFileLoadError) -> String {
    format!("could not read the AWS configuration: {}", words(error))
}

fn missing(profiles: &ProfileSet, name: &str) -> Option<String> {
    if profiles.get_profile(name).is_some() {
        return None;
    }
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable();
    let rated = names.iter().map(|other| (strsim::jaro_winkler(name, other), *other));
    let near = rated.filter(|(rating, _)| *rating > ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
    Some(match (near, names.as_slice()) {
        (Some((_, near)), _) => format!("did you mean `{near}`?"),
        (None, []) => "there are no profiles at all".to_owned(),
        (None, names) => format!("there are {}", names.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[profile audit]\nregion = eu-north-1\n[profile production]\nregion = eu-west-1\n";

    async fn found(text: &str, typed: Option<&str>) -> Result<ProfileSet, ProfileFileLoadError> {
        let fs = Fs::from_slice(&[("/config", text)]);
        load(&Env::from_slice(&[("AWS_CONFIG_FILE", "/config")]), &fs, typed).await
    }

    #[tokio::test]
    async fn a_profile_that_is_not_there_is_wrong_usage_and_names_the_nearest_or_all() {
        let refused = must_be_there(&found(FILE, Some("adit")).await, "adit").expect_err("it is not there");
        assert_eq!(refused.kind, crate::failure::Kind::Usage);
        assert_eq!(refused.hints, ["did you mean `audit`?"]);
        let refused = must_be_there(&found(FILE, Some("x")).await, "x").expect_err("it is not there");
        assert_eq!(refused.hints, ["there are audit, production"]);
        let refused = must_be_there(&found("", Some("x")).await, "x").expect_err("it is not there");
        assert_eq!(refused.hints, ["there are no profiles at all"]);
        must_be_there(&found(FILE, Some("audit")).await, "audit").expect("it is there");
    }

    #[tokio::test]
    async fn files_that_make_no_sense_are_named_with_the_line() {
        let broken = "[profile audit]\nregion = eu-north-1\n[profile\n";
        let refused = must_be_there(&found(broken, Some("audit")).await, "audit").expect_err("it makes no sense");
        assert_eq!(refused.kind, crate::failure::Kind::Failed);
        assert!(refused.message.contains("/config") && refused.message.contains('3'), "{refused}");
        let said = trouble(&found(broken, None).await, &Env::from_slice(&[])).expect("trouble");
        assert!(said.starts_with("could not read the AWS configuration"), "{said}");
    }

    #[tokio::test]
    async fn a_profile_of_the_environment_that_is_not_there_is_trouble() {
        let named = |name| Env::from_slice(&[("AWS_PROFILE", name)]);
        let said = trouble(&found(FILE, None).await, &named("prodution")).expect("trouble");
        assert_eq!(said, "AWS_PROFILE names the profile `prodution`, which is not there: did you mean `production`?");
        for fine in ["production", ""] {
            assert_eq!(trouble(&found(FILE, None).await, &named(fine)), None, "{fine}");
        }
    }
}
