//! The endpoint of S3 Control that a user gave, without the account that the SDK puts before the host.

use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};

/// Asks the endpoint that was given, whichever account is asked about: that travels in a header as well.
#[derive(Debug)]
pub(super) struct AsGiven;

impl ResolveEndpoint for AsGiven {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        let given = params.endpoint().ok_or_else(|| "no endpoint was given".into());
        EndpointFuture::ready(given.map(|url| Endpoint::builder().url(url.to_owned()).build()))
    }
}
