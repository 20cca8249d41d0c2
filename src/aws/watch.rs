//! What every client carries: it asks the guard, counts what is sent, and tells the pacing of throttles.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::assume::Assumption;
use super::errors::asks_to_slow_down;
use super::guard::{Guard, Undeclared};
use super::pacing::{Lane, Pacing};
use super::retries::{SignedWith, says_run_out};
use super::session::Noted;
use super::{attempts, complete};
use crate::observe::Call;
use crate::target::{AccountId, Region};

/// The interceptor of one client.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) guard: Arc<Guard>,
    pub(super) pacing: Arc<Pacing>,
    pub(super) noted: Arc<Noted>,
    pub(super) account: Option<AccountId>,
    pub(super) assumption: Option<Assumption>,
    pub(super) repeating: bool,
    pub(super) region: Region,
}

impl Watch {
    /// As a client carries it: no call of the client can be sent without it.
    pub(super) fn permanent(self) -> SharedInterceptor {
        SharedInterceptor::permanent(self)
    }

    fn declared(&self, cfg: &ConfigBag) -> Result<Call, Undeclared> {
        let (service, operation) = cfg.load::<Metadata>().map_or(("?", "?"), |call| (call.service(), call.name()));
        self.guard.check(service, operation)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "trueup guard"
    }

    /// Refuses before anything happens, so that not even credentials are fetched for a call that is not declared.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.declared(cfg)?;
        Ok(())
    }

    /// The last moment before the wire: asked again, because this one every attempt passes.
    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = self.declared(cfg)?;
        if let Some(signed) = SignedWith::of(context.request()) {
            cfg.interceptor_state().store_put(signed);
        }
        attempts::note(call);
        self.guard.note(call);
        self.noted.note(&self.region, call);
        // Who sends a write once more looks first what came of it, which is a look of its own.
        let again = self.repeating && !call.reads()
            || cfg.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1);
        self.pacing.sent(call.service, again);
        Ok(())
    }

    /// Takes the place of what the SDK has read in an answer that was cut off.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        complete::check(self.declared(cfg)?, context.response())?;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_some_and(asks_to_slow_down) {
            let service = self.declared(cfg)?.service;
            self.pacing.throttled(&Lane { account: self.account.clone(), region: self.region.clone(), service });
        }
        if let Some(assumption) = &self.assumption
            && context.response().is_some_and(says_run_out)
            && let Some(SignedWith(key)) = cfg.load::<SignedWith>()
        {
            assumption.ran_out(key);
        }
        Ok(())
    }
}
