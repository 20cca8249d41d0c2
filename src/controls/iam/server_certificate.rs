//! `iam.server_certificate`: certificates that IAM keeps for load balancers.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::references;
use crate::control::{Context, Control, Meta, Notes, Requirement, Runs, Severity};
use crate::controls::Yes;
use crate::drift::{Fix, Judged};
use crate::observe::Tagged;
use crate::observe::iam::{Certificate, Certificates};
use crate::steps::Step;
use crate::steps::iam::DeleteServerCertificate;

/// See the module.
pub struct ServerCertificate;

/// What certificates may not be.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Settings {
    /// Require that no certificate has run out.
    not_expired: Option<Yes>,
}

impl Control for ServerCertificate {
    const META: Meta = Meta {
        id: "iam.server_certificate",
        title: "IAM keeps no certificate that has run out",
        why: "A certificate that has run out does no good, and may still be put on a load balancer by mistake: then every \
              browser warns of it.",
        runs: Runs::EveryAccount,
        requirements: &[Requirement {
            id: "iam.server_certificate.not_expired",
            title: "The certificate has not run out",
            severity: Severity::Medium,
            references: references::EXPIRED_SERVER_CERTIFICATES,
        }],
        steps: &["DeleteServerCertificate"],
    };
    const NOTES: Notes = Notes {
        costs: &[],
        disturbs: &[],
        undo: &["A certificate that was deleted cannot come back, because nobody can read its private key: whoever \
             has the files uploads it again."],
        traps: &["AWS refuses to delete what a load balancer uses; a CloudFront distribution has to be looked at by \
             a person."],
    };

    const TAGGED: &'static [Tagged] = &[Tagged::Certificate];
    type Settings = Settings;
    type Observed = Certificates;

    fn key(_: &Context<'_>, _: &Settings) {}

    fn required(wanted: &Settings) -> Vec<&'static str> {
        wanted.not_expired.map(|Yes| "not_expired").into_iter().collect()
    }

    fn evaluate(context: &Context<'_>, seen: &Certificates, wanted: &Settings) -> Vec<Judged> {
        match wanted.not_expired {
            None => vec![],
            Some(Yes) => seen.0.iter().map(|certificate| judge(context, certificate)).collect(),
        }
    }
}

fn judge(context: &Context<'_>, certificate: &Certificate) -> Judged {
    let bench = context.object(const { &ServerCertificate::META }, &certificate.name);
    let mut bench = bench.bears(Tagged::Certificate, Some(certificate.name.clone()));
    match certificate.expired.as_result() {
        Err(error) => bench.unreadable("not_expired", error, json!("valid")),
        Ok(expired) => {
            let word = if *expired { "ran out on" } else { "valid until" };
            let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
            let observed = certificate.expires.map_or(Value::Null, |ends| json!(format!("{word} {}", day(ends))));
            bench.judge("not_expired", !expired, observed, json!("valid"));
        }
    }
    bench.mend(|| {
        let step = DeleteServerCertificate { certificate: certificate.name.clone(), path: certificate.path.clone() };
        Fix::Steps { steps: vec![Step::DeleteServerCertificate(step)], needs: vec![] }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Verdict;
    use crate::control::Accepted;
    use crate::controls::made::{HERE, account, denied, exempt, judged_at, steps};
    use crate::observe::Readable;
    use crate::steps::Risk;

    fn certificate(name: &str, expired: bool) -> Certificate {
        let ends = "2026-12-01T12:00:00Z".parse().ok();
        Certificate { name: name.to_owned(), path: "/".to_owned(), expires: ends, expired: Readable::Read(expired) }
    }

    fn judged(certificates: Vec<Certificate>, accepted: &[Accepted]) -> Vec<Judged> {
        let wanted = Settings { not_expired: Some(Yes) };
        judged_at::<ServerCertificate>(account(HERE), &Certificates(certificates), &wanted, accepted)
    }

    #[test]
    fn a_certificate_is_good_until_it_has_run_out_and_deleted_after_that() {
        let good = judged(vec![certificate("a", false)], &[]);
        assert_eq!((&good[0].findings[0].verdict, &good[0].drift), (&Verdict::Compliant, &None));
        assert_eq!(good[0].findings[0].observed, json!("valid until 2026-12-01"));
        let judged = judged(vec![certificate("a", true)], &[]);
        let step = DeleteServerCertificate { certificate: "a".to_owned(), path: "/".to_owned() };
        assert_eq!(steps(&judged[0]), [Step::DeleteServerCertificate(step)]);
        assert_eq!(steps(&judged[0])[0].risk(), Risk::Irreversible);
        assert_eq!(judged[0].findings[0].observed, json!("ran out on 2026-12-01"));
    }

    #[test]
    fn a_certificate_that_does_not_say_when_it_ends_is_unreadable_and_left_alone() {
        let error = denied("iam:ListServerCertificates", account(HERE));
        let silent =
            Certificate { expires: None, expired: Readable::Unreadable(error.clone()), ..certificate("a", true) };
        let judged = judged(vec![silent], &[]);
        assert_eq!((&judged[0].findings[0].verdict, &judged[0].drift), (&Verdict::Unreadable(error), &None));
    }

    #[test]
    fn an_exempt_certificate_is_left_alone_beside_a_drifted_one() {
        let accepted = Accepted { objects: vec!["a".to_owned()], ..exempt("iam.server_certificate.not_expired") };
        let judged = judged(vec![certificate("a", true), certificate("b", true)], &[accepted]);
        assert!(judged[0].drift.is_none() && judged[1].drift.is_some());
    }

    #[test]
    fn what_is_not_asked_is_not_judged() {
        let seen = Certificates(vec![certificate("a", true)]);
        assert_eq!(judged_at::<ServerCertificate>(account(HERE), &seen, &Settings::default(), &[]), []);
        assert_eq!(ServerCertificate::required(&Settings { not_expired: Some(Yes) }), ["not_expired"]);
    }
}
