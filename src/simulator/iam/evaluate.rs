//! The order in which AWS weighs policies, and the sentence it refuses with. Pure.

use super::context::Context;
use super::document::{Document, Reach, Who};

/// A request as policies see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) who: &'a Who,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

/// Every policy that has a say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Policies {
    /// Service control policies, one set for each level from the root down to the account. Every level must allow.
    /// Empty where they do not apply: in the management account, for service-linked roles, or when switched off.
    pub(crate) guardrails: Vec<Vec<Document>>,
    /// The identity's own policies; none for an account's root user, whom they do not limit.
    pub(crate) identity: Option<Vec<Document>>,
    pub(crate) boundary: Option<Vec<Document>>,
    pub(crate) session: Option<Vec<Document>>,
    pub(crate) resource: Option<Document>,
    /// The resource's policy must allow, also in the same account: KMS keys and roles.
    pub(crate) resource_decides: bool,
    /// The resource belongs to another account than the identity: both sides must allow.
    pub(crate) cross_account: bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A policy of this layer says no.
    Explicit(Layer),
    /// No policy of this layer says yes.
    Silent(Layer),
}

/// The layers of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    Guardrail,
    Resource,
    Identity,
    Boundary,
    Session,
}

impl Layer {
    fn words(self) -> &'static str {
        match self {
            Self::Guardrail => "service control policy",
            Self::Resource => "resource-based policy",
            Self::Identity => "identity-based policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
        }
    }
}

impl Denial {
    /// How AWS ends the sentence "User: … is not authorized to perform: … on resource: …".
    pub(crate) fn reason(self, action: &str) -> String {
        match self {
            Self::Explicit(Layer::Identity) => "with an explicit deny in an identity-based policy".to_owned(),
            Self::Explicit(layer) => format!("with an explicit deny in a {}", layer.words()),
            Self::Silent(layer) => format!("because no {} allows the {action} action", layer.words()),
        }
    }
}

impl Policies {
    /// Whether the request may go on.
    pub(crate) fn weigh(&self, request: Request<'_>) -> Result<(), Denial> {
        self.explicit(request)?;
        for level in &self.guardrails {
            if !allowed(level, request) {
                return Err(Denial::Silent(Layer::Guardrail));
            }
        }
        let reach = self
            .resource
            .as_ref()
            .and_then(|policy| policy.grants(request.who, request.action, request.resource, request.context));
        let by_identity = self.identity.as_ref().is_none_or(|policies| allowed(policies, request));
        if self.cross_account {
            if !by_identity {
                return Err(Denial::Silent(Layer::Identity));
            }
            reach.ok_or(Denial::Silent(Layer::Resource))?;
        } else if self.resource_decides && reach.is_none() {
            return Err(Denial::Silent(Layer::Resource));
        } else if reach == Some(Reach::Direct) {
            // What names the very session or user is not limited by the silence of boundaries and session policies.
            return Ok(());
        } else if reach != Some(Reach::Role) && !by_identity {
            return Err(Denial::Silent(Layer::Identity));
        }
        self.limits(request)
    }

    fn limits(&self, request: Request<'_>) -> Result<(), Denial> {
        for (layer, policies) in [(Layer::Boundary, &self.boundary), (Layer::Session, &self.session)] {
            if policies.as_ref().is_some_and(|policies| !allowed(policies, request)) {
                return Err(Denial::Silent(layer));
            }
        }
        Ok(())
    }

    fn explicit(&self, request: Request<'_>) -> Result<(), Denial> {
        let Request { who, action, resource, context } = request;
        let says_no =
            |policies: &[Document]| policies.iter().any(|policy| policy.says(false, action, resource, context));
        let layers =
            [(Layer::Identity, &self.identity), (Layer::Boundary, &self.boundary), (Layer::Session, &self.session)];
        if self.guardrails.iter().any(|level| says_no(level)) {
            return Err(Denial::Explicit(Layer::Guardrail));
        }
        if self.resource.as_ref().is_some_and(|policy| policy.denies(who, action, resource, context)) {
            return Err(Denial::Explicit(Layer::Resource));
        }
        for (layer, policies) in layers {
            if policies.as_ref().is_some_and(|policies| says_no(policies)) {
                return Err(Denial::Explicit(layer));
            }
        }
        Ok(())
    }
}

fn allowed(policies: &[Document], request: Request<'_>) -> bool {
    policies.iter().any(|policy| policy.says(true, request.action, request.resource, request.context))
}

#[cfg(test)]
mod tests {
    use super::super::document::Sort;
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/audit";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/audit/s";
    const BUCKET: &str = "arn:aws:s3:::b";

    fn who() -> Who {
        Who::Identity { account: "111122223333".into(), arn: SESSION.into(), role: Some(ROLE.into()) }
    }

    fn identity(effect: &str, action: &str) -> Document {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}}}"#
        );
        Document::parse(&text, Sort::Identity).unwrap()
    }

    fn resource(effect: &str, principal: &str) -> Document {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":"s3:*","Resource":"{BUCKET}"}}]}}"#
        );
        Document::parse(&text, Sort::Resource).unwrap()
    }

    fn weigh(policies: &Policies) -> Result<(), Denial> {
        let (who, context) = (who(), Context::default());
        policies.weigh(Request { who: &who, action: "s3:GetBucketPolicy", resource: BUCKET, context: &context })
    }

    fn admin() -> Policies {
        Policies { identity: Some(vec![identity("Allow", "*")]), ..Policies::default() }
    }

    #[test]
    fn nothing_said_is_refused_and_an_explicit_deny_beats_every_allow() {
        let silent = Policies { identity: Some(vec![]), ..Policies::default() };
        assert_eq!(weigh(&silent), Err(Denial::Silent(Layer::Identity)));
        assert_eq!(weigh(&admin()), Ok(()));
        let denied = Policies {
            identity: Some(vec![identity("Allow", "*"), identity("Deny", "s3:Get*")]),
            ..Policies::default()
        };
        assert_eq!(weigh(&denied), Err(Denial::Explicit(Layer::Identity)));
    }

    #[test]
    fn every_level_of_service_control_policies_must_allow_and_none_grants() {
        let open = || vec![identity("Allow", "*")];
        assert_eq!(weigh(&Policies { guardrails: vec![open(), open()], ..admin() }), Ok(()));
        let closed = Policies { guardrails: vec![open(), vec![], open()], ..admin() };
        assert_eq!(weigh(&closed), Err(Denial::Silent(Layer::Guardrail)));
        let denied =
            Policies { guardrails: vec![open(), vec![identity("Allow", "*"), identity("Deny", "s3:*")]], ..admin() };
        assert_eq!(weigh(&denied), Err(Denial::Explicit(Layer::Guardrail)));
        let ungranted = Policies { guardrails: vec![open()], identity: Some(vec![]), ..Policies::default() };
        assert_eq!(weigh(&ungranted), Err(Denial::Silent(Layer::Identity)));
    }

    #[test]
    fn a_session_policy_only_takes_away() {
        let session = Policies { session: Some(vec![identity("Allow", "kms:*")]), ..admin() };
        assert_eq!(weigh(&session), Err(Denial::Silent(Layer::Session)));
        let widened =
            Policies { identity: Some(vec![]), session: Some(vec![identity("Allow", "*")]), ..Policies::default() };
        assert_eq!(weigh(&widened), Err(Denial::Silent(Layer::Identity)));
        let boundary = Policies { boundary: Some(vec![identity("Allow", "kms:*")]), ..admin() };
        assert_eq!(weigh(&boundary), Err(Denial::Silent(Layer::Boundary)));
    }

    #[test]
    fn in_one_account_a_resource_policy_alone_may_allow() {
        let nobody = || Policies { identity: Some(vec![]), ..Policies::default() };
        let by = |principal: &str| Some(resource("Allow", principal));
        assert_eq!(weigh(&Policies { resource: by(&format!(r#"{{"AWS":"{ROLE}"}}"#)), ..nobody() }), Ok(()));
        assert_eq!(weigh(&Policies { resource: by(r#""*""#), ..nobody() }), Ok(()));
        let account = Policies { resource: by(r#"{"AWS":"111122223333"}"#), ..nobody() };
        assert_eq!(weigh(&account), Err(Denial::Silent(Layer::Identity)));
    }

    #[test]
    fn a_resource_policy_that_names_the_session_is_not_limited_by_the_sessions_policy() {
        let limited = |principal: &str| Policies {
            session: Some(vec![identity("Allow", "kms:*")]),
            resource: Some(resource("Allow", principal)),
            ..admin()
        };
        assert_eq!(weigh(&limited(&format!(r#"{{"AWS":"{SESSION}"}}"#))), Ok(()));
        assert_eq!(weigh(&limited(&format!(r#"{{"AWS":"{ROLE}"}}"#))), Err(Denial::Silent(Layer::Session)));
    }

    #[test]
    fn across_accounts_both_sides_must_allow() {
        let across = |identity, resource| Policies {
            identity: Some(identity),
            resource,
            cross_account: true,
            ..Policies::default()
        };
        let open = resource("Allow", r#"{"AWS":["111122223333"]}"#);
        assert_eq!(weigh(&across(vec![identity("Allow", "*")], Some(open.clone()))), Ok(()));
        assert_eq!(weigh(&across(vec![identity("Allow", "*")], None)), Err(Denial::Silent(Layer::Resource)));
        assert_eq!(weigh(&across(vec![], Some(open))), Err(Denial::Silent(Layer::Identity)));
        let other = resource("Allow", r#"{"AWS":["444455556666"]}"#);
        assert_eq!(weigh(&across(vec![identity("Allow", "*")], Some(other))), Err(Denial::Silent(Layer::Resource)));
    }

    #[test]
    fn where_the_resource_decides_even_an_administrator_needs_its_word() {
        let key = |principal: &str| Policies {
            resource: Some(resource("Allow", principal)),
            resource_decides: true,
            ..admin()
        };
        assert_eq!(weigh(&key(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#)), Ok(()));
        assert_eq!(
            weigh(&key(r#"{"AWS":"arn:aws:iam::111122223333:role/other"}"#)),
            Err(Denial::Silent(Layer::Resource))
        );
    }

    #[test]
    fn the_root_user_is_limited_by_guardrails_and_not_by_identity_policies() {
        assert_eq!(weigh(&Policies::default()), Ok(()));
        let guarded = Policies { guardrails: vec![vec![identity("Deny", "*")]], ..Policies::default() };
        assert_eq!(weigh(&guarded), Err(Denial::Explicit(Layer::Guardrail)));
    }

    #[test]
    fn not_principal_and_not_action_mean_everyone_and_everything_else() {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","NotPrincipal":{{"AWS":"{ROLE}"}},"NotAction":"s3:Put*","NotResource":"arn:aws:s3:::other"}}]}}"#
        );
        let policy = Document::parse(&text, Sort::Resource).unwrap();
        let context = Context::default();
        let stranger = Who::Identity { account: "1".into(), arn: "arn:aws:iam::1:user/u".into(), role: None };
        assert!(!policy.denies(&who(), "s3:GetBucketPolicy", BUCKET, &context));
        assert!(policy.denies(&stranger, "s3:GetBucketPolicy", BUCKET, &context));
        assert!(!policy.denies(&stranger, "s3:PutBucketPolicy", BUCKET, &context));
        assert!(!policy.denies(&stranger, "s3:GetBucketPolicy", "arn:aws:s3:::other", &context));
    }

    #[test]
    fn documents_that_aws_would_refuse_are_refused() {
        for (text, sort) in [
            ("not json", Sort::Identity),
            (r#"{"Statement":[]}"#, Sort::Identity),
            (r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#, Sort::Identity),
            (r#"{"Statement":{"Effect":"Maybe","Action":"*","Resource":"*"}}"#, Sort::Identity),
            (r#"{"Statement":{"Effect":"Allow","Action":"GetX","Resource":"*"}}"#, Sort::Identity),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#, Sort::Identity),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, Sort::Resource),
            (r#"{"Statement":{"Effect":"Allow","Action":"*","Principal":"*","Resource":"*"}}"#, Sort::Trust),
            (r#"{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, Sort::Identity),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Like":{"a":"b"}}}}"#,
                Sort::Identity,
            ),
        ] {
            assert!(Document::parse(text, sort).is_err(), "{text}");
        }
    }

    #[test]
    fn a_document_without_a_version_has_no_variables() {
        let text = |version: &str| {
            format!(
                r#"{{{version}"Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${{aws:PrincipalAccount}}"}}}}"#
            )
        };
        let context = Context::default().with("aws:PrincipalAccount", "1");
        let new = Document::parse(&text(r#""Version":"2012-10-17","#), Sort::Identity).unwrap();
        let old = Document::parse(&text(""), Sort::Identity).unwrap();
        assert!(new.says(true, "s3:GetBucketAcl", "arn:aws:s3:::1", &context));
        assert!(!old.says(true, "s3:GetBucketAcl", "arn:aws:s3:::1", &context));
    }

    #[test]
    fn refusals_end_in_awss_words() {
        assert_eq!(
            Denial::Silent(Layer::Identity).reason("s3:GetBucketPolicy"),
            "because no identity-based policy allows the s3:GetBucketPolicy action"
        );
        assert_eq!(
            Denial::Explicit(Layer::Guardrail).reason("a:B"),
            "with an explicit deny in a service control policy"
        );
        assert_eq!(
            Denial::Explicit(Layer::Identity).reason("a:B"),
            "with an explicit deny in an identity-based policy"
        );
    }
}
