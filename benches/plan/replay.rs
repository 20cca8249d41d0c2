//! The other side of the comparison: the recorded calls, sent by the SDK and nothing else.
//!
//! Everything that costs CPU in the SDK is as in trueup: the HTTP client, timeouts, retries, signing, the caps on what
//! is in flight, and how clients are made, one for each account, region and service. It runs as a process of its own.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::pool::{Client as HttpClient, ConnectionPool};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region;
use futures::{StreamExt as _, TryStreamExt as _};
use tokio::sync::Semaphore;
use wait4::Wait4 as _;

use super::calls::{Entry, OfAccount, Recording};
use super::measured::Cost;
use super::sdk::Client;
use super::simulated::Simulated;
use super::{Outcome, REPLAY};

/// The caps of trueup with its default `--concurrency`.
const ACCOUNTS_AT_ONCE: usize = 16;
const IN_FLIGHT_OF_ACCOUNT: usize = 8;
const IN_FLIGHT: usize = 64;

/// On what the replay runs.
#[derive(Clone, Copy)]
pub(crate) enum Runtime {
    /// Tokio's current-thread runtime, as in trueup.
    OneThread,
    /// Tokio's multi-thread runtime with as many threads as there are cores.
    SeveralThreads,
}

/// The command that replays a recording.
pub(crate) fn command(simulated: &Simulated, recording: &Path, runtime: Runtime) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    let threads = match runtime {
        Runtime::OneThread => "one",
        Runtime::SeveralThreads => "several",
    };
    simulated.furnish(command.arg(REPLAY).arg(recording).arg(threads));
    Ok(command)
}

/// Runs it, and takes off what reading the recording cost: trueup has nothing to read.
pub(crate) fn measure(command: &mut Command) -> Outcome<Cost> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let said = child.stdout.take().map(std::io::read_to_string).transpose()?.unwrap_or_default();
    let used = child.wait4()?;
    if !used.status.success() {
        return Err(format!("the replay ended with {}", used.status).into());
    }
    let reading = Duration::from_micros(said.trim().parse()?);
    Ok(Cost { cpu: (used.rusage.utime + used.rusage.stime).saturating_sub(reading), peak: used.rusage.maxrss })
}

/// What the process does that [`command`] starts: says on stdout how long it read, in microseconds, and replays.
#[expect(clippy::print_stdout, reason = "this is what the other process reads")]
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let [path, threads] = arguments else { return Err("a replay needs a recording and a runtime".into()) };
    let began = Instant::now();
    let recording: Recording = serde_json::from_slice(&std::fs::read(path)?)?;
    println!("{}", began.elapsed().as_micros());
    let mut runtime = match threads.as_str() {
        "one" => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(replay(recording))
}

async fn replay(recording: Recording) -> Outcome<()> {
    let base = base().await?;
    let global = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut own = Clients::new(base.clone());
    for call in &recording.discovery {
        own.of(call)?.send(call).await?;
    }
    // Each account is a task, or several threads would have nothing to share.
    let account = |of: OfAccount| {
        let task = tokio::spawn(replay_account(base.clone(), of, Arc::clone(&global)));
        async move { task.await? }
    };
    futures::stream::iter(recording.accounts).map(account).buffered(ACCOUNTS_AT_ONCE).try_collect().await
}

/// As trueup's own, in `aws/config.rs` and `aws/http.rs`.
async fn base() -> Outcome<SdkConfig> {
    let context = TlsContext::builder().with_trust_store(TrustStore::default()).build()?;
    let pool = ConnectionPool::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .tls_context(context)
        .proxy_config(ProxyConfig::from_env())
        .build_https()?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(20))
        .build();
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(SharedHttpClient::new(HttpClient::new(&pool)?))
        .retry_config(RetryConfig::standard().with_max_attempts(6).with_initial_backoff(Duration::from_secs(1)))
        .timeout_config(timeouts);
    Ok(loader.load().await)
}

async fn replay_account(base: SdkConfig, of: OfAccount, global: Arc<Semaphore>) -> Outcome<()> {
    let config = match &of.entry {
        None => base,
        Some(entry) => {
            let _permit = global.acquire().await?;
            let Some(credentials) = Clients::new(base.clone()).of(entry)?.enter(entry).await? else { return Ok(()) };
            as_role(&base, credentials)
        }
    };
    let mut clients = Clients::new(config);
    let calls = of.calls.into_iter().map(|call| Ok((clients.of(&call)?, call))).collect::<Outcome<Vec<_>>>()?;
    let sent = calls.into_iter().map(|(client, call)| {
        let global = Arc::clone(&global);
        async move {
            let _permit = global.acquire().await?;
            client.send(&call).await
        }
    });
    futures::stream::iter(sent).buffer_unordered(IN_FLIGHT_OF_ACCOUNT).try_collect().await
}

fn as_role(base: &SdkConfig, credentials: Credentials) -> SdkConfig {
    base.to_builder()
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::no_cache())
        .build()
}

/// The clients of one account, one for each region and service.
struct Clients {
    config: SdkConfig,
    made: HashMap<(String, String), Client>,
}

impl Clients {
    fn new(config: SdkConfig) -> Self {
        Self { config, made: HashMap::new() }
    }

    fn of(&mut self, call: &Entry) -> Outcome<Client> {
        let key = (call.service.clone(), call.region.clone());
        if let Some(made) = self.made.get(&key) {
            return Ok(made.clone());
        }
        let config = self.config.to_builder().region(Region::new(call.region.clone())).build();
        let client = Client::new(&call.service, &config)?;
        self.made.insert(key, client.clone());
        Ok(client)
    }
}
