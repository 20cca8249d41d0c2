//! What a client gets, and what injected faults make of it.

use super::fault::{Effect, Fault};
use super::model::{Protocol, Service};
use super::wire;
use http::{Response, StatusCode};
use hyper::body::Bytes;
use serde_json::json;
use std::time::Duration;

/// What a client gets.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The whole answer.
    pub response: Response<Bytes>,
    /// How long it is withheld.
    pub delay: Duration,
    /// How much of it arrives.
    pub arrives: Arrives,
}

/// How much of an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrives {
    /// All of it.
    Whole,
    /// Status, headers, half of the body; then the connection is closed.
    Half,
    /// Nothing: the connection is closed.
    Nothing,
    /// Nothing, and the connection stays open.
    Never,
}

impl Answer {
    pub(super) fn whole(response: Response<Bytes>) -> Self {
        Self { response, delay: Duration::ZERO, arrives: Arrives::Whole }
    }

    /// Replaces the answer, or a part of it, or withholds it.
    pub(super) fn suffer(&mut self, service: &Service, spoken: Protocol, effect: &Effect, id: &str) {
        match effect {
            Effect::Error { code, status, message } => {
                self.response = wire::refuse(service, spoken, &Fault::new(*status, code, message), false, id);
            }
            Effect::Reset => self.arrives = Arrives::Nothing,
            Effect::Truncated => self.arrives = Arrives::Half,
            Effect::Html { status } => {
                self.response = plain(*status, "text/html", "<html><body><h1>Service unavailable</h1></body></html>");
            }
            Effect::Empty { status } => self.response = plain(*status, "text/plain", ""),
            Effect::Hang => self.arrives = Arrives::Never,
            // What they do, they do to the world.
            Effect::Elapse { .. }
            | Effect::Lag { .. }
            | Effect::Suspension
            | Effect::RegionDisabled
            | Effect::Expiry => {}
            Effect::Latency { milliseconds } => self.delay += Duration::from_millis(*milliseconds),
        }
    }
}

/// An answer to a request that names no service.
pub(super) fn unsigned(status: u16, code: &str, message: &str) -> Response<Bytes> {
    plain(status, "application/json", &json!({"__type": code, "message": message}).to_string())
}

fn plain(status: u16, content_type: &'static str, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", http::HeaderValue::from_static(content_type));
    response
}
