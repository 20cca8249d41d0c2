//! An AWS of canned answers, in the process: what was asked is kept, what is answered the test says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use super::{Base, Caller, Options};
use crate::target::Partition;

/// A request, as far as tests ask about it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) access_key: String,
    pub(crate) region: String,
    /// As it is signed for, such as `sts`.
    pub(crate) service: String,
    pub(crate) host: String,
    /// Of query and JSON protocols; for the others method and path.
    pub(crate) operation: String,
    pub(crate) user_agent: String,
    pub(crate) body: String,
}

impl Asked {
    fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let authorization = header("authorization");
        let scope = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
        let scope: Vec<&str> = scope.split([',', ' ']).next().unwrap_or_default().split('/').collect();
        let part = |n: usize| scope.get(n).copied().unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let mut asked = Self {
            access_key: part(0),
            region: part(2),
            service: part(3),
            host: request.uri().split('/').nth(2).unwrap_or_default().to_owned(),
            operation: String::new(),
            user_agent: header("user-agent") + &header("x-amz-user-agent"),
            body,
        };
        asked.operation = match (asked.field("Action"), header("x-amz-target").rsplit_once('.')) {
            (Some(action), _) => action,
            (None, Some((_, operation))) => operation.to_owned(),
            (None, None) => {
                let path = request.uri().splitn(4, '/').nth(3).unwrap_or_default();
                format!("{} /{path}", request.method())
            }
        };
        asked
    }

    /// A field of a form.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let pairs = self.body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let code = if byte == b'%' { rest.next().zip(rest.next()) } else { None };
        let hex = |(a, b)| u8::from_str_radix(&String::from_utf8_lossy(&[a, b]), 16).expect("two hexadecimal digits");
        bytes.push(code.map_or(byte, hex));
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A canned answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer { status, kind: "application/x-amz-json-1.1", body: body.to_owned() }
}

/// An XML answer of a query protocol.
pub(crate) fn xml(status: u16, body: &str) -> Answer {
    Answer { status, kind: "text/xml", body: body.to_owned() }
}

/// An error of a query protocol.
pub(crate) fn refused(status: u16, code: &str, message: &str) -> Answer {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    xml(status, &format!("<ErrorResponse>{error}<RequestId>asked-7</RequestId></ErrorResponse>"))
}

/// What `AssumeRole` answers: credentials whose access key tells the role.
pub(crate) fn assumed(asked: &Asked, expires: &str) -> Answer {
    let arn = asked.field("RoleArn").expect("a role");
    let role = arn.rsplit('/').next().unwrap_or_default();
    let account = arn.split(':').nth(4).unwrap_or_default();
    xml(
        200,
        &format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{account}-{role}</AccessKeyId>\
             <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
             <Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

/// No answer: the connection breaks with these words.
pub(crate) fn broken(words: &str) -> Answer {
    Answer { status: 0, kind: "", body: words.to_owned() }
}

type Answering = dyn Fn(&Asked) -> Answer + Send + Sync;

/// The stub. Clones are one.
#[derive(Clone)]
pub(crate) struct Stub(Arc<Inner>);

struct Inner {
    answering: Box<Answering>,
    asked: Mutex<Vec<Asked>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stub")
    }
}

impl HttpConnector for Stub {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stub = self.clone();
        HttpConnectorFuture::new(async move {
            let asked = Asked::of(&request);
            stub.0.asked.lock().expect("no panic holds it").push(asked.clone());
            let now = stub.0.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            stub.0.most_in_flight.fetch_max(now, Ordering::SeqCst);
            // Real answers take their time; without this nothing would ever wait for another.
            tokio::task::yield_now().await;
            stub.0.in_flight.fetch_sub(1, Ordering::SeqCst);
            let answer = (stub.0.answering)(&asked);
            if answer.status == 0 {
                return Err(ConnectorError::io(answer.body.into()));
            }
            let status = StatusCode::try_from(answer.status).expect("a status");
            let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
            response.headers_mut().insert("content-type", answer.kind);
            response.headers_mut().insert("x-amzn-requestid", "asked-7");
            Ok(response)
        })
    }
}

impl Stub {
    /// A stub that answers so.
    pub(crate) fn new(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let (in_flight, most_in_flight) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self(Arc::new(Inner { answering: Box::new(answer), asked: Mutex::default(), in_flight, most_in_flight }))
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.asked.lock().expect("no panic holds it").clone()
    }

    /// The operations that were asked so far.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }

    /// How many requests waited for their answer at once, at most.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.0.most_in_flight.load(Ordering::SeqCst)
    }

    /// As the HTTP client of the SDK.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    /// Everything that the environment of the test could have a say in is given.
    pub(crate) fn options(&self) -> Options {
        let credentials = Credentials::new("caller", "secret", None, None, "test");
        Options {
            region: Some("eu-west-1".parse().expect("a region")),
            endpoint_url: Some("https://aws.test".to_owned()),
            http_client: Some(self.client()),
            credentials: Some(SharedCredentialsProvider::new(credentials)),
            run_id: "r1".to_owned(),
            global_cap: 64,
            first_backoff: Some(Duration::from_millis(1)),
            ..Options::default()
        }
    }

    /// A base that asks the stub.
    pub(crate) async fn base(&self) -> Base {
        Base::load(self.options()).await.expect("a base")
    }
}

/// The caller of the stub's base.
pub(crate) fn caller() -> Caller {
    let arn = "arn:aws-cn:iam::999988887777:user/ci";
    Caller {
        account: "999988887777".parse().expect("an id"),
        arn: arn.to_owned(),
        partition: Partition::of_arn(arn).expect("an ARN"),
    }
}
