//! `s3.account_public_access_block`: the switches that keep everybody out of all buckets of an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::frameworks::{Reference, cis, nist, security_hub};
use crate::observe::s3::{AccountBlock, OpenBucket, Switches};
use crate::observe::{ReadError, Readable};
use crate::ownership::{Owner, PolicyType};
use crate::steps::Step;
use crate::steps::s3::PutAccountPublicAccessBlock;
use crate::target::{Object, Target};

/// See the module.
pub struct AccountPublicAccessBlock;

/// The switches that have to be on, for all buckets of the account.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Take no ACL that lets everybody in.
    block_public_acls: Option<Yes>,
    /// Let nobody in by an ACL that lets everybody in.
    ignore_public_acls: Option<Yes>,
    /// Take no bucket policy that lets everybody in.
    block_public_policy: Option<Yes>,
    /// Where a bucket policy lets everybody in, let only the account itself and services of AWS in.
    restrict_public_buckets: Option<Yes>,
}

/// A switch: its name, whether it is asked for, and where it is.
type Switch = (&'static str, fn(&Settings) -> Option<Yes>, fn(&mut Switches) -> &mut bool);

const SWITCHES: [Switch; 4] = [
    ("block_public_acls", |asked| asked.block_public_acls, |switches| &mut switches.block_public_acls),
    ("ignore_public_acls", |asked| asked.ignore_public_acls, |switches| &mut switches.ignore_public_acls),
    ("block_public_policy", |asked| asked.block_public_policy, |switches| &mut switches.block_public_policy),
    (
        "restrict_public_buckets",
        |asked| asked.restrict_public_buckets,
        |switches| &mut switches.restrict_public_buckets,
    ),
];

const NAME: &str = "public access block";

/// What all four are called elsewhere.
const BLOCKED: &[Reference] = &[
    cis("1.4-1.5", "2.1.5"),
    cis("2.0-5.0", "2.1.4"),
    cis("6.0-7.0", "3.1.4"),
    security_hub("S3.1"),
    nist(
        "AC-2(6) AC-3 AC-3(7) AC-4(21) AC-6 AC-17 AC-17(1) AC-17(4) AC-17(9) AC-17(10) CM-6 CM-9 MP-2 SC-7 SC-7(2) \
         SC-7(3) SC-7(7) SC-7(9) SC-7(11) SC-7(12) SC-7(16) SC-7(20) SC-7(21) SC-7(24) SC-7(25) SC-7(26) SC-7(27) \
         SC-7(28) SC-25",
    ),
];

const fn requirement(id: &'static str, title: &'static str) -> Requirement {
    Requirement { id, title, severity: Severity::Medium, references: BLOCKED }
}

impl Control for AccountPublicAccessBlock {
    const META: Meta = Meta {
        id: "s3.account_public_access_block",
        title: "No bucket of the account can be made public",
        why: "Buckets are opened to everybody by a slip in a policy or an ACL, and what was in them is copied before \
              anybody notices. Switched on for the account, no bucket can be opened, whoever slips, and those that \
              are open are shut.",
        runs: Runs::EveryAccount,
        requirements: &[
            requirement(
                "s3.account_public_access_block.block_public_acls",
                "ACLs that let everybody in are refused in all buckets",
            ),
            requirement(
                "s3.account_public_access_block.ignore_public_acls",
                "ACLs that let everybody in let nobody in, in all buckets",
            ),
            requirement(
                "s3.account_public_access_block.block_public_policy",
                "Bucket policies that let everybody in are refused",
            ),
            requirement(
                "s3.account_public_access_block.restrict_public_buckets",
                "Bucket policies that let everybody in let in nobody outside the account but AWS",
            ),
        ],
        steps: &["PutAccountPublicAccessBlock"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[
            "Nobody outside the account reaches buckets any more that are public today: websites, downloads, and other \
             accounts that come in by a policy for everybody. The plan names those buckets.",
            "Calls that make a bucket or an object public are refused from then on, and with them deployments that \
             make such calls.",
        ],
        undo: &["The former switches are set again, or the block is deleted where there was none. What was public is \
             so again."],
        traps: &[
            "A bucket that is public and has to stay so needs another account: there is no exemption for a bucket in \
             an account that blocks. Files for everybody are better given out by CloudFront.",
            "Single objects with an ACL of their own, and access points, are not looked at: a bucket that is not named \
             may still hold public objects.",
            "Where an S3 policy of the organization sets the switches, the account cannot: the verdict is \
             `owned_elsewhere`.",
            "It takes minutes until every region follows.",
        ],
    };
    type Settings = Settings;
    type Observed = AccountBlock;

    fn key(_: &Context<'_>, wanted: &Settings) -> Switches {
        let mut switches = Switches::default();
        for (_, asked, switch) in SWITCHES {
            *switch(&mut switches) = asked(wanted).is_some();
        }
        switches
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        SWITCHES.iter().filter(|(_, asked, _)| asked(wanted).is_some()).map(|(name, ..)| *name).collect()
    }

    fn evaluate(context: &Context<'_>, seen: &AccountBlock, wanted: &Settings) -> Vec<Judged> {
        if Self::required(wanted).is_empty() {
            return vec![];
        }
        let (owner, unknown) = owner(seen);
        let mut object = context.object(const { &Self::META }, NAME).owned_by(owner);
        let before = seen.switches.unwrap_or_default();
        let mut draft = before;
        for (name, asked, switch) in SWITCHES {
            let switch = switch(&mut draft);
            match (unknown, asked(wanted)) {
                (Some(error), Some(Yes)) if !*switch => {
                    object.unreadable(name, error, true.into());
                    let unknown = error.explained();
                    object.because(format!("it is not known whether a policy of the organization sets it: {unknown}"));
                }
                (_, asked) => object.at_least(name, switch, Yes::flag(asked)),
            }
        }
        let shut = |open: &&OpenBucket| {
            let by = open.by.as_result().copied().unwrap_or_default();
            by.acl && draft.ignore_public_acls && !before.ignore_public_acls
                || by.policy && draft.restrict_public_buckets && !before.restrict_public_buckets
        };
        let name = |open: &OpenBucket| open.name.clone();
        let step = PutAccountPublicAccessBlock {
            switches: draft,
            shuts: seen.open.iter().filter(shut).map(name).collect(),
            unread: seen.open.iter().filter(|open| open.by.as_result().is_err()).map(name).collect(),
        };
        let judged = object.mend(|| Fix::Steps { steps: vec![Step::PutAccountPublicAccessBlock(step)], needs: vec![] });
        let unread = unread(context, seen, &judged);
        std::iter::once(judged).chain(unread).collect()
    }
}

/// Who sets the switches, if not the account itself; or why that is not known.
fn owner(seen: &AccountBlock) -> (Option<Owner>, Option<&ReadError>) {
    match &seen.policy {
        Some(Readable::Read(Some(governed))) => {
            (Some(Owner::Policy { kind: PolicyType::S3, policies: governed.policies.clone() }), None)
        }
        Some(Readable::Unreadable(error)) => (None, Some(error)),
        None | Some(Readable::Read(None)) => (None, None),
    }
}

/// The buckets that did not say whether they are public, where something is about to shut them.
fn unread(context: &Context<'_>, seen: &AccountBlock, judged: &Judged) -> Vec<Judged> {
    let first = judged.drift.as_ref().and_then(|drift| drift.differences.first());
    let Some(finding) = first.and_then(|first| judged.findings.iter().find(|one| one.requirement == first.requirement))
    else {
        return vec![];
    };
    let unknown = |open: &OpenBucket| {
        let at = Target { account: context.at.account.clone(), region: Some(open.region.clone()) };
        let object = Object { at, kind: "s3.bucket".to_owned(), name: open.name.clone() };
        Some(Judged::unknown(object, finding.requirement, json!("not public"), open.by.as_result().err()?))
    };
    seen.open.iter().filter_map(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, denied, drift, exempt, judged_at, named, region, steps};
    use crate::observe::organizations::Governed;
    use crate::observe::s3::Doors;
    use crate::steps::Risk;

    const OFF: Switches = Switches {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };
    const ACLS: Switches = Switches { block_public_acls: true, ignore_public_acls: true, ..OFF };
    const POLICIES: Switches = Switches { block_public_policy: true, restrict_public_buckets: true, ..OFF };

    fn everything() -> Settings {
        Settings {
            block_public_acls: Some(Yes),
            ignore_public_acls: Some(Yes),
            block_public_policy: Some(Yes),
            restrict_public_buckets: Some(Yes),
        }
    }

    fn block(switches: Option<Switches>) -> AccountBlock {
        AccountBlock { switches, policy: None, open: vec![] }
    }

    fn bucket(name: &str, by: Readable<Doors>) -> OpenBucket {
        OpenBucket { name: name.to_owned(), region: region("eu-west-1"), by }
    }

    fn judged_with(seen: &AccountBlock, wanted: &Settings, accepted: &[Accepted]) -> Vec<Judged> {
        judged_at::<AccountPublicAccessBlock>(account(HERE), seen, wanted, accepted)
    }

    fn judged(seen: &AccountBlock) -> Judged {
        judged_with(seen, &everything(), &[]).remove(0)
    }

    fn sent(judged: &Judged) -> &PutAccountPublicAccessBlock {
        let [Step::PutAccountPublicAccessBlock(step)] = steps(judged) else { panic!("one step: {judged:?}") };
        step
    }

    fn drifted(judged: &Judged) -> Vec<&'static str> {
        named::<AccountPublicAccessBlock>(judged, |verdict| *verdict == Verdict::Drifted)
    }

    #[test]
    fn an_account_that_blocks_everything_is_compliant_and_one_without_a_block_drifts_in_all() {
        let judged_on = judged(&block(Some(Switches::ALL)));
        assert!(judged_on.findings.iter().all(|finding| finding.verdict == Verdict::Compliant));
        assert_eq!((judged_on.findings.len(), &judged_on.drift), (4, &None));
        let judged_off = judged(&block(None));
        assert_eq!(drifted(&judged_off).len(), 4);
        assert_eq!((sent(&judged_off).switches, drift(&judged_off).absent), (Switches::ALL, false));
        assert_eq!(steps(&judged_off)[0].risk(), Risk::Disruptive);
    }

    #[test]
    fn each_switch_drifts_by_itself_and_those_that_are_on_stay_on() {
        let judged_half = judged(&block(Some(ACLS)));
        assert_eq!(drifted(&judged_half), ["block_public_policy", "restrict_public_buckets"]);
        assert_eq!(sent(&judged_half).switches, Switches::ALL);
        let wanted = Settings { block_public_policy: Some(Yes), ..Settings::default() };
        let judged_one = judged_with(&block(Some(ACLS)), &wanted, &[]).remove(0);
        assert_eq!(drifted(&judged_one), ["block_public_policy"]);
        assert_eq!(sent(&judged_one).switches, Switches { block_public_policy: true, ..ACLS }, "on and asked alike");
    }

    #[test]
    fn an_exempt_switch_is_left_off_beside_those_that_are_switched_on() {
        let accepted = [exempt("s3.account_public_access_block.restrict_public_buckets")];
        let judged = judged_with(&block(None), &everything(), &accepted).remove(0);
        assert_eq!(drifted(&judged).len(), 3);
        assert!(!sent(&judged).switches.restrict_public_buckets);
    }

    #[test]
    fn the_buckets_that_a_switch_shuts_are_named_and_no_others() {
        let by = |acl: bool, policy: bool| Readable::Read(Doors { acl, policy });
        let open =
            vec![bucket("by-acl", by(true, false)), bucket("by-both", by(true, true)), bucket("web", by(false, true))];
        let shuts = |switches: Option<Switches>| {
            sent(&judged(&AccountBlock { open: open.clone(), ..block(switches) })).shuts.clone()
        };
        assert_eq!(shuts(None), ["by-acl", "by-both", "web"]);
        assert_eq!(shuts(Some(ACLS)), ["by-both", "web"], "ACLs let nobody in already");
        assert_eq!(shuts(Some(POLICIES)), ["by-acl", "by-both"]);
        let refusing = Switches { ignore_public_acls: true, restrict_public_buckets: true, ..OFF };
        assert_eq!(shuts(Some(refusing)), [""; 0], "what is only refused from now on shuts nothing");
    }

    #[test]
    fn a_bucket_that_does_not_say_is_unreadable_and_named_and_the_account_is_judged_all_the_same() {
        let error = denied("s3:GetBucketAcl", account(HERE));
        let seen = AccountBlock { open: vec![bucket("shy", Readable::Unreadable(error.clone()))], ..block(None) };
        let all = judged_with(&seen, &everything(), &[]);
        assert_eq!((sent(&all[0]).unread.as_slice(), sent(&all[0]).shuts.len()), (&["shy".to_owned()][..], 0));
        assert_eq!((all.len(), all[1].object.kind.as_str(), all[1].object.name.as_str()), (2, "s3.bucket", "shy"));
        assert_eq!(all[1].why_unread(), Some(&error));
    }

    #[test]
    fn what_a_policy_of_the_organization_sets_is_owned_elsewhere_and_never_written() {
        let governed = Governed { policies: vec!["acme (p-1)".to_owned()], content: serde_json::Map::new() };
        let seen = AccountBlock { policy: Some(Readable::Read(Some(governed))), ..block(Some(ACLS)) };
        let judged = judged(&seen);
        assert_eq!(judged.drift, None);
        let in_force = judged.findings.iter().map(|finding| match &finding.verdict {
            Verdict::OwnedElsewhere { in_force, mend, .. } => {
                assert!(mend.contains("S3_POLICY"), "{mend}");
                *in_force
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(in_force.collect::<Vec<_>>(), [true, true, false, false]);
    }

    #[test]
    fn without_knowing_the_owner_a_switch_that_is_off_is_unreadable_and_one_that_is_on_compliant() {
        let error = denied("organizations:ListPolicies", account(HERE));
        let seen = AccountBlock { policy: Some(Readable::Unreadable(error)), ..block(Some(ACLS)) };
        let judged = judged(&seen);
        assert_eq!(judged.drift, None);
        let unread = named::<AccountPublicAccessBlock>(&judged, |verdict| matches!(verdict, Verdict::Unreadable(_)));
        assert_eq!(unread, ["block_public_policy", "restrict_public_buckets"]);
        let met = named::<AccountPublicAccessBlock>(&judged, |verdict| *verdict == Verdict::Compliant);
        assert_eq!(met, ["block_public_acls", "ignore_public_acls"]);
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        assert_eq!(AccountPublicAccessBlock::required(&Settings::default()), [""; 0]);
        assert!(judged_with(&block(None), &Settings::default(), &[]).is_empty());
    }
}
