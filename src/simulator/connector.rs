//! The simulator as the SDK's HTTP client: requests never leave the process.

use super::Simulator;
use super::answer::{Answer, Arrives};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame};
use std::io::{Error, ErrorKind};
use std::sync::Arc;

#[derive(Clone, Debug)]
struct InProcess(Arc<Simulator>);

impl Simulator {
    /// An HTTP client for the SDK, whose every request this simulator answers.
    pub fn client(self: &Arc<Self>) -> SharedHttpClient {
        SharedHttpClient::new(InProcess(Arc::clone(self)))
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let simulator = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let (parts, body) = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?.into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            let answer = simulator.answer(&http::Request::from_parts(parts, body));
            if !answer.delay.is_zero() {
                tokio::time::sleep(answer.delay).await;
            }
            if answer.arrives == Arrives::Never {
                std::future::pending::<()>().await;
            }
            arrived(answer)
        })
    }
}

fn arrived(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    if answer.arrives == Arrives::Nothing {
        return Err(ConnectorError::io(Error::from(ErrorKind::ConnectionReset).into()));
    }
    let half = answer.arrives == Arrives::Half;
    let response = answer.response.map(|body| if half { torn(body) } else { SdkBody::from(body) });
    HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
}

/// Half of a body, and then an error, as when the connection is closed.
fn torn(mut body: Bytes) -> SdkBody {
    let parts = [Ok(Frame::data(body.split_to(body.len() / 2))), Err(Error::from(ErrorKind::UnexpectedEof))];
    SdkBody::from_body_1_x(StreamBody::new(stream::iter(parts)))
}
