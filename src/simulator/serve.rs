//! The simulator on loopback, for clients in other processes, with a small control plane under `/_simulator/`.

use super::answer::{Answer, Arrives};
use super::fault::Injection;
use super::world::World;
use super::{Options, Simulator};
use futures::stream;
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
        Arrives::Nothing => Err(ErrorKind::ConnectionReset.into()),
        Arrives::Half => {
            let (mut parts, mut body) = answer.response.into_parts();
            parts.headers.insert("content-length", body.len().max(1).into());
            let half = Ok(Frame::data(body.split_to(body.len() / 2)));
            let torn = stream::iter([half, Err(ErrorKind::UnexpectedEof.into())]);
            Ok(Response::from_parts(parts, StreamBody::new(torn).boxed()))
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
        ("GET", "state") => Ok(simulator.world(|world| world.state())),
        ("POST", "faults") => inject(simulator, said),
        ("DELETE", "faults") => Ok(simulator.world(|world| json!(world.faults.clear()))),
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
