//! One request end to end: whose it is, whether it may, what it does, what is answered.

use super::fault::Fault;
use super::world::{Account, Caller, RegionState, World};
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
    /// The service's signing name, such as `kms`.
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
        format!("arn:{}:{}:{}:{}:{resource}", self.world.partition, self.service, self.region, self.account)
    }
}
