//! `accessanalyzer.external`: an analyzer of a region says who outside is let in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{Context, Contradiction, Control, Meta, Needs, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::controls::log_bucket::control_towers;
use crate::drift::{Bench, Fix, Judged};
use crate::frameworks::{cis, security_hub};
use crate::observe::accessanalyzer::{Analyzer, Analyzers, Covering, State, Zone};
use crate::observe::{Home, Reads};
use crate::ownership::{Owner, Service, is_control_towers};
use crate::steps::Step;
use crate::steps::accessanalyzer::CreateAnalyzer;
use crate::target::{AccountId, Object, Target};

/// See the module.
pub struct External;

/// What analyses a region for access from outside.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require an active analyzer of external access: the account's own, or one of the organization in the account
    /// itself. Analyzers of unused or internal access do not count, and are left alone.
    active: Option<Yes>,
    /// The account that has one analyzer of the whole organization in each region, and by it covers the others that have
    /// none of their own: the management account, or the delegated administrator of Access Analyzer. Twelve digits in
    /// quotes. Left out: each account is covered by what it has itself.
    #[schemars(with = "Option<String>", regex(pattern = r"^[0-9]{12}$"))]
    organization_account: Option<AccountId>,
    /// The name of an analyzer that is made, `trueup-external` if left out.
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9_.-]{0,254}$"))]
    #[schemars(extend("default" = "trueup-external"))]
    name: Option<String>,
}

impl Settings {
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("trueup-external")
    }
}

const ACTIVE: &str = "active";
/// An analyzer is known by its type and not by its name: a region has room for one.
const NAME: &str = "analyzer of external access";

impl Control for External {
    const META: Meta = Meta {
        id: "accessanalyzer.external",
        title: "The region is analysed for access from outside",
        why: "A bucket, a role or a key that lets another account in looks like any other. Access Analyzer reads the \
              policies of a region as AWS itself does, and says which of them let in whom; what a policy in a region \
              without an analyzer lets in, nobody says.",
        runs: Runs::EveryRegion,
        requirements: &[Requirement {
            id: "accessanalyzer.external.active",
            title: "An analyzer of external access is active",
            severity: Severity::High,
            references: &[
                cis("1.4-4.0", "1.20"),
                cis("5.0", "1.19"),
                cis("6.0", "2.19"),
                cis("7.0", "2.18"),
                security_hub("IAM.28"),
            ],
        }],
        steps: &["CreateAnalyzer"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["An analyzer that was made is deleted with its findings. Those of others stay."],
        traps: &[
            "A region has room for one analyzer of an account: one that is there counts, whatever its name, and one that \
             is disabled or failed is left to a person.",
            "An analyzer of the organization is made only where Access Analyzer is trusted in Organizations, in the \
             management account or its delegated administrator, and takes minutes to be active.",
            "An analyzer finds, and closes nothing: somebody has to read what it finds.",
        ],
    };
    type Settings = Settings;
    type Observed = Covering;

    fn key(_: &Context<'_>, wanted: &Settings) -> Option<AccountId> {
        wanted.organization_account.clone()
    }

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.active.map(|Yes| ACTIVE).into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Covering, wanted: &Settings) -> Vec<Judged> {
        if wanted.active.is_none() {
            return vec![];
        }
        vec![match &wanted.organization_account {
            Some(administrator) if *administrator == context.at.account => {
                own(context, &seen.own, Zone::Organization, wanted)
            }
            Some(administrator) if seen.own.active().is_none() => covered(context, seen, administrator),
            _ => own(context, &seen.own, Zone::Account, wanted),
        }]
    }

    fn needs(wanted: &Settings, _: Home) -> Needs {
        let names = vec![("access-analyzer:Analyzer", wanted.name().to_owned())];
        // Where one account covers all, which account that is shows only when it is judged.
        Needs { reads: Reads::of::<Covering>().closure(), steps: Self::META.steps.to_vec(), names, ..Needs::default() }
    }

    fn administrator(wanted: &Settings) -> Option<&AccountId> {
        wanted.organization_account.as_ref()
    }

    fn contradiction(wanted: &Settings) -> Option<Contradiction> {
        let alone = wanted.active.is_none() && wanted.organization_account.is_some();
        alone.then_some(Contradiction {
            setting: "organization_account",
            words: "`organization_account` asks for nothing by itself",
            mend: "add `active: true`, or leave `organization_account` out",
        })
    }
}

fn bench<'a>(context: &'a Context<'_>) -> Bench<'a> {
    context.object(const { &External::META }, NAME)
}

fn shown(analyzers: &[&Analyzer]) -> Value {
    let one = |analyzer: &&Analyzer| {
        let state = match &analyzer.state {
            State::Active => "ACTIVE",
            State::Creating => "CREATING",
            State::Idle(word) => word,
        };
        json!(format!("{} of type {}: {state}", analyzer.name, analyzer.zone.word()))
    };
    match analyzers {
        [] => Value::Null,
        [only] => one(only),
        several => several.iter().map(one).collect(),
    }
}

fn wanted_of(zone: Zone) -> Value {
    json!(match zone {
        Zone::Account => "an active analyzer",
        Zone::Organization => "an active analyzer of type ORGANIZATION",
    })
}

/// What the account has itself. One of the organization is as good as one of the account, and not the other way round.
fn own(context: &Context<'_>, seen: &Analyzers, zone: Zone, wanted: &Settings) -> Judged {
    let fits = |analyzer: &&Analyzer| zone == Zone::Account || analyzer.zone == Zone::Organization;
    let candidates: Vec<&Analyzer> = seen.0.iter().filter(fits).collect();
    let active = candidates.iter().find(|analyzer| analyzer.state == State::Active).copied();
    let mut object = bench(context);
    if let Some(active) = active {
        object.judge(ACTIVE, true, shown(&[active]), wanted_of(zone));
        return object.mend(|| unreachable!("what is met does not drift"));
    }
    if let Some(creating) = candidates.iter().find(|analyzer| analyzer.state == State::Creating) {
        object.pending(ACTIVE, format!("the analyzer {} is being made", creating.name), wanted_of(zone));
        return object.mend(|| unreachable!("what is pending does not drift"));
    }
    // One that a service manages is that service's, and takes no room from the account's.
    let in_the_way = candidates.iter().find(|analyzer| analyzer.zone == zone && analyzer.managed_by.is_none());
    object = object.absent(candidates.is_empty()).signed(in_the_way.map(|analyzer| &analyzer.signs));
    object.judge(ACTIVE, false, shown(&candidates), wanted_of(zone));
    object.mend(|| {
        if let Some(analyzer) = in_the_way {
            return Fix::Manual(idle(analyzer));
        }
        if is_control_towers(wanted.name()) {
            return Fix::Manual(control_towers(wanted.name(), "name"));
        }
        let address = Object { at: context.at.clone(), kind: External::META.id.to_owned(), name: NAME.to_owned() };
        let step = CreateAnalyzer { name: wanted.name().to_owned(), zone, address: address.address() };
        Fix::Steps { steps: vec![Step::CreateAnalyzer(step)], needs: vec![] }
    })
}

/// What a person does about an analyzer that does nothing, beside which there is no room for another.
fn idle(analyzer: &Analyzer) -> String {
    let Analyzer { name, zone, state, .. } = analyzer;
    let State::Idle(state) = state else { unreachable!("one that finds or is being made is no obstacle") };
    let mend = match zone {
        Zone::Account => "delete it, so that another can be made",
        Zone::Organization => {
            "let Organizations trust access-analyzer.amazonaws.com and name this account as its delegated administrator, \
             or delete it, so that another can be made"
        }
    };
    format!("the analyzer {name} is {state}: {mend}")
}

/// An account that has none of its own, and is to be covered by the administrator's analyzer of the organization.
fn covered(context: &Context<'_>, seen: &Covering, administrator: &AccountId) -> Judged {
    let mut object = bench(context);
    let wanted = wanted_of(Zone::Organization);
    let there = match seen.organizations.as_ref().map(crate::observe::Readable::as_result) {
        Some(Err(error)) => {
            object.unreadable(ACTIVE, error, wanted);
            object.because(format!(
                "whether the organization's analyzer in account {administrator} covers it is not known: {}",
                error.explained()
            ));
            return object.mend(|| unreachable!("nothing that is unreadable drifts"));
        }
        Some(Ok(there)) => there.0.iter().filter(|analyzer| analyzer.zone == Zone::Organization).collect(),
        None => vec![],
    };
    let met = there.iter().any(|analyzer: &&Analyzer| analyzer.state == State::Active);
    object.judge(ACTIVE, met, shown(&there), wanted);
    if met {
        object.because(format!("by the organization's analyzer in account {administrator}"));
    }
    object.mend(|| {
        let at = Target { account: administrator.clone(), region: context.at.region.clone() };
        let owner = Owner::Administrator {
            service: Service::AccessAnalyzer,
            account: administrator.clone(),
            region: context.at.region.clone(),
        };
        let object = Object { at, kind: External::META.id.to_owned(), name: NAME.to_owned() };
        Fix::Through { object, owner }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account_in_region, denied, drift, exempt, id, judged_at, steps};
    use crate::observe::Readable;
    use crate::ownership::Signs;
    use crate::steps::Risk;

    const ADMIN: &str = "444455556666";

    fn analyzer(zone: Zone, state: State) -> Analyzer {
        Analyzer { name: "mine".to_owned(), zone, state, managed_by: None, signs: Signs::default() }
    }

    fn idle() -> State {
        State::Idle("DISABLED".to_owned())
    }

    fn asked(administrator: Option<&str>) -> Settings {
        Settings { active: Some(Yes), organization_account: administrator.map(id), name: None }
    }

    fn seen(own: &[Analyzer], there: Option<Readable<Analyzers>>) -> Covering {
        Covering { own: Analyzers(own.to_vec()), organizations: there }
    }

    fn judged(at: &str, seen: &Covering, wanted: &Settings, accepted: &[Accepted]) -> Judged {
        judged_at::<External>(account_in_region(at), seen, wanted, accepted).remove(0)
    }

    fn alone(own: &[Analyzer]) -> Judged {
        judged(HERE, &seen(own, None), &asked(None), &[])
    }

    #[test]
    fn an_active_analyzer_of_either_type_complies_whatever_its_name() {
        for zone in [Zone::Account, Zone::Organization] {
            let judged = alone(&[analyzer(zone, State::Active)]);
            assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Compliant, &None));
        }
    }

    #[test]
    fn none_is_made_under_a_name_of_control_tower() {
        let wanted = Settings { name: Some("aws-controltower-analyzer".to_owned()), ..asked(None) };
        let judged = judged(HERE, &seen(&[], None), &wanted, &[]);
        assert!(matches!(&drift(&judged).fix, Fix::Manual(words) if words.contains("is Control Tower's")));
    }

    #[test]
    fn a_region_without_one_gets_one_of_the_account() {
        let judged = alone(&[]);
        assert!(drift(&judged).absent);
        let [Step::CreateAnalyzer(made)] = steps(&judged) else { panic!("one step") };
        assert_eq!((made.name.as_str(), made.zone), ("trueup-external", Zone::Account));
        assert!(made.address.ends_with("eu-west-1/accessanalyzer.external/analyzer of external access"));
        let step = &steps(&judged)[0];
        assert_eq!((step.risk(), step.cost()), (Risk::Safe, None));
    }

    #[test]
    fn one_that_is_being_made_is_pending_and_gets_no_second() {
        let judged = alone(&[analyzer(Zone::Account, State::Creating)]);
        assert!(matches!(&judged.findings[0].verdict, Verdict::Pending(why) if why.contains("mine is being made")));
        assert_eq!(judged.drift, None);
    }

    #[test]
    fn one_that_does_nothing_is_left_to_a_person_where_there_is_no_room_for_another() {
        let own = alone(&[analyzer(Zone::Account, idle())]);
        assert!(matches!(&drift(&own).fix, Fix::Manual(words) if words.contains("mine is DISABLED: delete it")));
        let organizations = alone(&[analyzer(Zone::Organization, idle())]);
        assert_eq!(steps(&organizations).len(), 1, "the account has room for one of its own");
        let managed =
            Analyzer { managed_by: Some("securityhubv2.amazonaws.com".to_owned()), ..analyzer(Zone::Account, idle()) };
        assert_eq!(steps(&alone(&[managed])).len(), 1, "what a service manages takes no room");
    }

    #[test]
    fn the_administrator_has_one_of_the_organization() {
        let wanted = asked(Some(HERE));
        let judged_own = |own: &[Analyzer]| judged(HERE, &seen(own, None), &wanted, &[]);
        let only_account = judged_own(&[analyzer(Zone::Account, State::Active)]);
        let [Step::CreateAnalyzer(made)] = steps(&only_account) else { panic!("one step") };
        assert_eq!(made.zone, Zone::Organization);
        assert!(!Step::CreateAnalyzer(made.clone()).settles().is_zero());
        assert_eq!(judged_own(&[analyzer(Zone::Organization, State::Active)]).drift, None);
        let disabled = judged_own(&[analyzer(Zone::Organization, idle())]);
        assert!(matches!(&drift(&disabled).fix, Fix::Manual(words) if words.contains("access-analyzer.amazonaws.com")));
    }

    #[test]
    fn a_member_is_covered_by_the_administrator_only_where_the_settings_say_so() {
        let there = |own: &[Analyzer]| Some(Readable::Read(Analyzers(own.to_vec())));
        let active = there(&[analyzer(Zone::Organization, State::Active)]);
        let by_administrator = judged(HERE, &seen(&[], active), &asked(Some(ADMIN)), &[]);
        assert_eq!(by_administrator.findings[0].verdict, Verdict::Compliant);
        assert!(by_administrator.findings[0].reason.as_ref().is_some_and(|why| why.contains(ADMIN)));
        assert_eq!(steps(&alone(&[])).len(), 1, "without the setting it needs one of its own");
        for not_covering in [there(&[]), there(&[analyzer(Zone::Account, State::Active)])] {
            let open = judged(HERE, &seen(&[], not_covering), &asked(Some(ADMIN)), &[]);
            let Fix::Through { object, owner } = &drift(&open).fix else { panic!("mended there") };
            assert_eq!(object.address(), "444455556666/eu-west-1/accessanalyzer.external/analyzer of external access");
            assert_eq!(owner.to_string(), "the IAM Access Analyzer administrator account 444455556666");
        }
        let own = seen(&[analyzer(Zone::Account, State::Active)], None);
        assert_eq!(judged(HERE, &own, &asked(Some(ADMIN)), &[]).findings[0].verdict, Verdict::Compliant);
    }

    #[test]
    fn an_administrator_who_cannot_be_read_makes_it_unreadable() {
        let error = denied("access-analyzer:ListAnalyzers", account_in_region(ADMIN));
        let there = Some(Readable::Unreadable(error.clone()));
        let judged = judged(HERE, &seen(&[], there), &asked(Some(ADMIN)), &[]);
        assert_eq!((&judged.findings[0].verdict, &judged.drift), (&Verdict::Unreadable(error), &None));
    }

    #[test]
    fn what_is_exempt_or_not_asked_is_left_alone() {
        let exempt = judged(HERE, &seen(&[], None), &asked(None), &[exempt("accessanalyzer.external.active")]);
        assert!(matches!(exempt.findings[0].verdict, Verdict::Exempt(_)) && exempt.drift.is_none());
        assert_eq!(External::required(&Settings::default()), [""; 0]);
        assert!(External::contradiction(&Settings { active: None, ..asked(Some(ADMIN)) }).is_some());
        assert!(External::contradiction(&asked(Some(ADMIN))).is_none());
    }
}
