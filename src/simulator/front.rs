//! One request end to end: whose it is, whether it may, what it does, what is answered.

use super::answer::{Answer, unsigned};
use super::fault::{Effect, Fault, Moment};
use super::ledger::{self, Entry};
use super::model::{self, Service, check};
use super::signature::Signature;
use super::wire::{self, Incoming, Route};
use super::world::{Account, Caller, Principal, RegionState, World};
use super::{iam, services};
use http::{Request, Response};
use hyper::body::Bytes;
use serde_json::Value;

/// What a handler gets: the world, who calls from where, and the decoded input.
#[derive(Debug)]
pub struct Call<'a> {
    /// The whole world; handlers reach other accounts through it.
    pub world: &'a mut World,
    /// The account of the caller, on which the call acts.
    pub account: &'a str,
    /// The region of the signature's credential scope.
    pub region: &'a str,
    /// Who calls.
    pub caller: &'a Caller,
    /// The input, keyed by the member names of the service model.
    pub input: Value,
    /// The operation, such as `CreateKey`.
    pub operation: &'static str,
    /// The service, by its signing name unless another has that, such as `kms`.
    pub service: &'static str,
}

/// One operation of a service.
pub type Handler = fn(&mut Call<'_>) -> Result<Value, Fault>;

impl Call<'_> {
    /// A text member, if it was sent.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.input.get(member).and_then(Value::as_str)
    }

    /// A text member that must have been sent. The model's own checks have usually refused before.
    ///
    /// # Errors
    /// It was not sent.
    pub fn need(&self, member: &str) -> Result<&str, Fault> {
        self.text(member).ok_or_else(|| Fault::new(400, "ValidationException", format!("{member} is required")))
    }

    /// A boolean member, if it was sent.
    pub fn flag(&self, member: &str) -> Option<bool> {
        self.input.get(member).and_then(Value::as_bool)
    }

    /// A whole number, if it was sent.
    pub fn number(&self, member: &str) -> Option<i64> {
        self.input.get(member).and_then(Value::as_i64)
    }

    /// The elements of a list; none if it was not sent.
    pub fn list(&self, member: &str) -> &[Value] {
        self.input.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The texts of a list of texts.
    pub fn texts(&self, member: &str) -> Vec<String> {
        self.list(member).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }

    /// The caller's account.
    pub fn mine(&mut self) -> &mut Account {
        self.world.account(self.account).expect("the front has looked the account up")
    }

    /// What the caller's account has in the call's region.
    pub fn here(&mut self) -> &mut RegionState {
        let region = self.region;
        self.mine().regions.entry(region.to_owned()).or_default()
    }

    /// Seconds since the epoch, by the world's clock.
    pub fn now(&self) -> i64 {
        self.world.now()
    }

    /// An ARN of this call's service, region and account.
    pub fn arn(&self, resource: &str) -> String {
        format!("arn:{}:{}:{}:{}:{resource}", self.world.partition, self.vendor(), self.region, self.account)
    }

    /// The service as ARNs and actions name it; `CloudWatch` signs by another name, and S3 Control is S3 to them.
    pub(crate) fn vendor(&self) -> &'static str {
        match self.service {
            "monitoring" => "cloudwatch",
            "s3control" => "s3",
            other => other,
        }
    }
}

/// Services that are signed for in one region, wherever the caller is.
const GLOBAL: &[&str] = &["account", "iam", "organizations"];

/// The region that the endpoint of a global service signs for.
fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Answers one request.
pub(crate) fn answer(world: &mut World, request: &Request<Bytes>) -> Answer {
    let sequence = world.ledger.next();
    let id = format!("00000000-0000-4000-8000-{sequence:012x}");
    let Some(signature) = Signature::of(request.headers()) else {
        return Answer::whole(unsigned(403, "MissingAuthenticationTokenException", "Missing Authentication Token"));
    };
    let Some(service) = model::signed(&signature.service, request.uri().path()) else {
        let message = format!("the simulator has no service {}", signature.service);
        return Answer::whole(unsigned(501, "NotImplemented", &message));
    };
    let incoming = incoming(service, request);
    let spoken = wire::spoken(service, request.headers());
    let route = wire::route(service, spoken, &incoming);
    let operation = route.as_ref().map_or("", |route| route.name);
    let input = route.as_ref().map_err(Clone::clone).and_then(|route| wire::decode(service, spoken, route, &incoming));
    let asked = (operation, input.as_ref().map_or(Value::Null, Clone::clone));
    let caller = world.credential(&signature.access_key_id).map(|credential| credential.caller.clone());
    let account = caller.as_ref().map_or("", |caller| &caller.account);
    let effects = world.faults.strike([&service.name, operation, account, &signature.region]);
    let prevented = effects.iter().any(|(moment, effect)| *moment == Moment::Before && effect.prevents());
    for (_, effect) in effects.iter().filter(|(moment, _)| *moment == Moment::Before) {
        happen(world, effect, &signature, account);
    }
    let mut answer = Answer::whole(if prevented {
        Response::new(Bytes::from_static(b"{}"))
    } else {
        let outcome = route.as_ref().map_err(Clone::clone).and_then(|route| {
            let writes = ledger::writes(route.name);
            let lags = effects.iter().find_map(|(_, effect)| match effect {
                Effect::Lag { calls } => Some(*calls),
                _ => None,
            });
            let output = world.in_its_time(account, writes, lags, |world| {
                carry_out(world, service, &signature, route, input.clone(), request)
            })?;
            wire::encode(service, spoken, route, &output, &id)
        });
        outcome.unwrap_or_else(|fault| wire::refuse(service, spoken, &fault, request.method() == "HEAD", &id))
    });
    for (moment, effect) in &effects {
        if *moment == Moment::After {
            happen(world, effect, &signature, account);
        }
        answer.suffer(service, spoken, effect, &id);
    }
    wire::date(&mut answer.response, world.now());
    let entry = entry(sequence, !prevented, (&signature, service), asked, caller.as_ref(), &answer, request);
    world.ledger.record(entry);
    answer
}

/// What an injected fault does to the world, at the request of a caller in this account.
fn happen(world: &mut World, effect: &Effect, signature: &Signature, account: &str) {
    match effect {
        Effect::Suspension => {
            if let Some(account) = world.account(account) {
                "SUSPENDED".clone_into(&mut account.state);
            }
        }
        Effect::RegionDisabled => {
            if let Some(account) = world.account(account) {
                account.opt_status.insert(signature.region.clone(), "DISABLED".to_owned());
            }
        }
        Effect::Elapse { seconds } => world.advance(*seconds),
        Effect::Expiry => world.expire(&signature.access_key_id),
        _ => {}
    }
}

fn entry(
    sequence: u64,
    carried_out: bool,
    (signature, service): (&Signature, &Service),
    (operation, input): (&str, Value),
    caller: Option<&Caller>,
    answer: &Answer,
    request: &Request<Bytes>,
) -> Entry {
    let status = answer.response.status().as_u16();
    Entry {
        sequence,
        carried_out,
        account: caller.map_or_else(String::new, |caller| caller.account.clone()),
        region: signature.region.clone(),
        service: service.name.clone(),
        operation: operation.to_owned(),
        input,
        write: ledger::writes(operation),
        principal: caller.map_or_else(String::new, |caller| caller.arn.clone()),
        session: caller.and_then(|caller| match &caller.principal {
            Principal::Role(session) => Some(session.name.clone()),
            Principal::Root | Principal::RootTask(_) | Principal::User(_) => None,
        }),
        status,
        code: answer.response.extensions().get::<wire::Code>().map(|code| code.0.clone()),
        user_agent: header(request, "user-agent").to_owned(),
        weighed: vec![],
    }
}

/// From credentials to the handler's answer.
fn carry_out(
    world: &mut World,
    service: &'static Service,
    signature: &Signature,
    route: &Route,
    input: Result<Value, Fault>,
    request: &Request<Bytes>,
) -> Result<Value, Fault> {
    let caller = authenticate(world, signature, request)?;
    admit(world, &caller, signature)?;
    let input = input?;
    if let Some(shape) = &route.operation.input {
        check::check(service, shape, &input)?;
    }
    let handler = services::handler(&service.name, route.name).ok_or_else(|| gap(service, route.name))?;
    let mut call = Call {
        world,
        account: &caller.account,
        region: &signature.region,
        caller: &caller,
        input,
        operation: route.name,
        service: &service.name,
    };
    iam::authorize(&mut call)?;
    handler(&mut call)
}

/// What the model knows and the simulator cannot do: said in as many words.
pub(crate) fn gap(service: &Service, operation: &str) -> Fault {
    let message = format!("the simulator does not do {} {operation}", service.name);
    Fault::new(400, "NotImplemented", message)
}

/// Whose request it is, by its key, its token and its signature.
fn authenticate(world: &World, signature: &Signature, request: &Request<Bytes>) -> Result<Caller, Fault> {
    let credential = world.credential(&signature.access_key_id).ok_or_else(unknown_credentials)?;
    let token = Some(header(request, "x-amz-security-token")).filter(|token| !token.is_empty());
    if token != credential.session_token.as_deref() {
        return Err(unknown_credentials());
    }
    if !signature.verifies(request, &credential.secret_access_key) {
        return Err(Fault::new(
            403,
            "WrongSignature",
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method.",
        ));
    }
    if credential.expires.is_some_and(|expires| expires <= world.now()) {
        return Err(Fault::new(403, "Expired", "The security token included in the request is expired"));
    }
    if services::iam_access::is_inactive(world, &credential.caller, &credential.access_key_id) {
        return Err(unknown_credentials());
    }
    Ok(credential.caller.clone())
}

fn unknown_credentials() -> Fault {
    Fault::new(403, "UnknownCredentials", "The security token included in the request is invalid.")
}

/// Whether the account is in force, and the region open to it.
fn admit(world: &mut World, caller: &Caller, signature: &Signature) -> Result<(), Fault> {
    if GLOBAL.contains(&signature.service.as_str()) && signature.region != global_region(&world.partition) {
        let message = format!("Credential should be scoped to a valid region, not '{}'.", signature.region);
        return Err(Fault::new(403, "WrongSignature", message));
    }
    let account = world.account(&caller.account).ok_or_else(unknown_credentials)?;
    let closed = matches!(account.opt_status.get(&signature.region).map(String::as_str), Some("DISABLED" | "ENABLING"));
    let in_force = account.state == "ACTIVE" && !closed;
    // A region that is not enabled does not know the account's tokens at all.
    let exists = signature.region == global_region(&world.partition) || world.regions.contains(&signature.region);
    if in_force && exists { Ok(()) } else { Err(unknown_credentials()) }
}

/// The request with its bucket in the path, wherever the client put it.
fn incoming<'a>(service: &Service, request: &'a Request<Bytes>) -> Incoming<'a> {
    let uri = request.uri();
    let host = Some(header(request, "host")).filter(|host| !host.is_empty()).or(uri.host()).unwrap_or_default();
    let bucket = if service.name == "s3" { bucket_of(host) } else { None };
    Incoming {
        method: request.method().as_str(),
        path: bucket.map_or_else(|| uri.path().to_owned(), |bucket| format!("/{bucket}{}", uri.path())),
        query: wire::pairs(uri.query().unwrap_or_default(), false),
        headers: request.headers(),
        body: request.body(),
    }
}

/// The bucket in a host name, if the client addresses it so (virtual-host style).
fn bucket_of(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if let Some(bucket) = name.strip_suffix(".localhost") {
        return Some(bucket);
    }
    let front = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn"))?;
    let at = front.rfind(".s3.").or_else(|| front.rfind(".s3-")).or_else(|| front.strip_suffix(".s3").map(str::len))?;
    Some(&front[..at])
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_found_in_every_kind_of_host() {
        let hosts = [
            ("127.0.0.1:4000", None),
            ("localhost:4000", None),
            ("s3.eu-west-1.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("logs.localhost:4000", Some("logs")),
            ("a.b.s3.eu-west-1.amazonaws.com", Some("a.b")),
            ("logs.s3.amazonaws.com", Some("logs")),
        ];
        for (host, bucket) in hosts {
            assert_eq!(bucket_of(host), bucket, "{host}");
        }
    }
}
