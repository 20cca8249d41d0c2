//! The simulator on loopback, for clients in other processes, with a small control plane under `/_simulator/`:
//!
//! ```text
//! GET ledger, DELETE ledger      every call so far; forget them
//! GET state                      everything there is
//! POST faults, DELETE faults     an Injection as JSON; end all of them
//! POST clock                     {"advance": SECONDS}
//! POST credentials               {"account"}: keys of its root user
//! POST perform                   {"account", "region", "service", "operation", "input"}, as its root user
//! POST reset                     Options as JSON: a new world; answers its administrator's keys
//! ```

use super::answer::{Answer, Arrives};
use super::fault::Injection;
use super::world::World;
use super::{Options, Simulator};
use futures::{StreamExt, stream};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

type Body = BoxBody<Bytes, Error>;

/// A simulator that listens. It stops when this is dropped.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    listening: AbortHandle,
}

impl Served {
    /// Where clients find it, such as `http://127.0.0.1:40001`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Simulator {
    /// Listens on a port of loopback; 0 lets the system choose one. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn serve(self: &Arc<Self>, port: u16) -> std::io::Result<Served> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let simulator = Arc::clone(self);
        let listening = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => {
                        if let Ok((stream, _)) = accepted {
                            connections.spawn(converse(Arc::clone(&simulator), stream));
                        }
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Served { address, listening: listening.abort_handle() })
    }
}

/// Answers the requests of one connection until it ends.
async fn converse(simulator: Arc<Simulator>, stream: TcpStream) {
    // Small answers would otherwise wait for an acknowledgement; a failure costs time only.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let simulator = Arc::clone(&simulator);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map_err(Error::other)?.to_bytes();
            let request = Request::from_parts(parts, body);
            if let Some(wish) = request.uri().path().strip_prefix("/_simulator/") {
                return Ok(controlled(&simulator, request.method(), wish, request.body()));
            }
            let answer = simulator.answer(&request);
            if !answer.delay.is_zero() {
                tokio::time::sleep(answer.delay).await;
            }
            if answer.arrives == Arrives::Never {
                std::future::pending::<()>().await;
            }
            sent(answer)
        }
    });
    // A client that goes away, or a fault that cuts the connection, ends the conversation and nothing else.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An error here makes hyper close the connection without an answer.
fn sent(answer: Answer) -> Result<Response<Body>, Error> {
    match answer.arrives {
        Arrives::Whole => Ok(answer.response.map(whole)),
        Arrives::Nothing | Arrives::Never => Err(ErrorKind::ConnectionReset.into()),
        Arrives::Half => {
            let (mut parts, mut body) = answer.response.into_parts();
            parts.headers.insert("content-length", body.len().max(1).into());
            let half = Ok(Frame::data(body.split_to(body.len() / 2)));
            // The pause lets hyper send the half before it learns of the error.
            let rest = stream::once(async {
                tokio::task::yield_now().await;
                Err(ErrorKind::UnexpectedEof.into())
            });
            let torn = stream::iter([half]).chain(rest);
            Ok(Response::from_parts(parts, BoxBody::new(StreamBody::new(torn))))
        }
    }
}

fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never| match never {}).boxed()
}

/// What tests in other processes ask of the simulator itself.
fn controlled(simulator: &Simulator, method: &Method, wish: &str, body: &[u8]) -> Response<Body> {
    let said = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice::<Value>(body) };
    let done = said.map_err(|e| e.to_string()).and_then(|said| match (method.as_str(), wish) {
        ("GET", "ledger") => Ok(simulator.world(|world| json!(world.ledger.entries()))),
        ("DELETE", "ledger") => Ok(simulator.world(|world| json!(world.ledger.clear()))),
        ("GET", "state") => Ok(simulator.world(World::state)),
        ("POST", "faults") => inject(simulator, said),
        ("DELETE", "faults") => Ok(simulator.world(|world| json!(world.faults.clear()))),
        ("POST", "account") => turn(simulator, &said),
        ("POST", "clock") => advance(simulator, &said),
        ("POST", "credentials") => credentials(simulator, &said),
        ("POST", "perform") => perform(simulator, &said),
        ("POST", "reset") => reset(simulator, said),
        _ => Err(format!("the control plane has no {method} {wish}")),
    });
    let (status, value) = match done {
        Ok(value) => (StatusCode::OK, value),
        Err(error) => (StatusCode::BAD_REQUEST, json!({"error": error})),
    };
    let mut response = Response::new(whole(value.to_string().into()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

fn inject(simulator: &Simulator, said: Value) -> Result<Value, String> {
    let injection: Injection = serde_json::from_value(said).map_err(|e| e.to_string())?;
    simulator.world(|world| world.faults.inject(injection));
    Ok(json!({}))
}

fn advance(simulator: &Simulator, said: &Value) -> Result<Value, String> {
    let seconds = said["advance"].as_u64().and_then(|seconds| u32::try_from(seconds).ok());
    let seconds = seconds.ok_or("say {\"advance\": SECONDS}")?;
    Ok(simulator.world(|world| {
        world.advance(seconds);
        json!({"now": world.now()})
    }))
}

/// Puts an account into a state that no API puts it in: AWS suspends it, or its owner has not finished signing up.
fn turn(simulator: &Simulator, said: &Value) -> Result<Value, String> {
    let (account, state) = (text(said, "account")?, text(said, "state")?);
    simulator.world(|world| {
        let account = world.account(account).ok_or_else(|| format!("there is no account {account}"))?;
        state.clone_into(&mut account.state);
        Ok(json!({}))
    })
}

/// Keys of an account's root user, so that a test can enter what no role lets it enter.
fn credentials(simulator: &Simulator, said: &Value) -> Result<Value, String> {
    let account = text(said, "account")?;
    simulator.world(|world| {
        world.account(account).ok_or_else(|| format!("there is no account {account}"))?;
        let caller = world.root_of(account);
        Ok(json!(world.issue(caller, None)))
    })
}

fn perform(simulator: &Simulator, said: &Value) -> Result<Value, String> {
    let (account, region) = (text(said, "account")?, text(said, "region")?);
    let (service, operation) = (text(said, "service")?, text(said, "operation")?);
    let input = said.get("input").cloned().unwrap_or_else(|| json!({}));
    let done = simulator.world(|world| world.perform(account, region, service, operation, input));
    done.map_err(|fault| format!("{}: {}", fault.code, fault.message))
}

fn reset(simulator: &Simulator, said: Value) -> Result<Value, String> {
    let options: Options = serde_json::from_value(said).map_err(|e| e.to_string())?;
    let fresh = World::generate(&options);
    Ok(simulator.world(|world| {
        *world = fresh;
        json!(world.administrator())
    }))
}

fn text<'a>(said: &'a Value, name: &str) -> Result<&'a str, String> {
    said[name].as_str().ok_or_else(|| format!("{name} is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Effect;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Everything that the server sends on one connection.
    async fn said(served: &Served, request: &str) -> String {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // A connection that is cut is an end like another.
        let _ = stream.read_to_string(&mut answer).await;
        answer
    }

    fn control(method: &str, wish: &str, body: &str) -> String {
        let length = body.len();
        format!(
            "{method} /_simulator/{wish} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }

    #[tokio::test]
    async fn the_control_plane_answers_and_says_what_it_cannot_do() {
        let simulator = Arc::new(Simulator::new(World::bare(&["us-east-1"], 1)));
        let served = simulator.serve(0).await.unwrap();
        let now = simulator.world(|world| world.now());
        let answer = said(&served, &control("POST", "clock", r#"{"advance": 60}"#)).await;
        assert!(answer.ends_with(&format!(r#"{{"now":{}}}"#, now + 60)), "{answer}");
        assert!(said(&served, &control("GET", "ledger", "")).await.ends_with("[]"));
        let answer = said(&served, &control("POST", "nonsense", "")).await;
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("no POST nonsense"), "{answer}");
    }

    #[tokio::test]
    async fn a_cut_connection_brings_nothing_or_half() {
        let simulator = Arc::new(Simulator::new(World::bare(&["us-east-1"], 1)));
        let served = simulator.serve(0).await.unwrap();
        let request = "GET / HTTP/1.1\r\nhost: x\r\nauthorization: AWS4-HMAC-SHA256 Credential=A/1/us-east-1/kms/aws4_request, \
                       SignedHeaders=host, Signature=0\r\nx-amz-target: TrentService.ListKeys\r\nconnection: close\r\n\r\n";
        let complete = said(&served, request).await;
        assert!(complete.contains("UnrecognizedClientException"), "{complete}");
        for (effect, arrives) in [(Effect::Reset, 0), (Effect::Truncated, 50)] {
            simulator.world(|world| {
                world.faults.clear();
                world.faults.inject(Injection { moment: crate::fault::Moment::After, ..Injection::new(effect) });
            });
            let answer = said(&served, request).await;
            assert!(answer.len() >= arrives && answer.len() < complete.len(), "{answer}");
        }
    }
}
