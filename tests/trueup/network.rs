//! What lies between trueup and AWS: endpoints, proxies, and connections that are used again.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Done, STRONG, Stage, all_strong, line, organization, text, verdicts};

/// What a relay does with a connection.
#[derive(Clone, Copy)]
enum Does {
    /// Carries it to the simulator, whatever host is asked for.
    Forwards(SocketAddr),
    /// Answers this.
    Refuses(&'static str),
}

/// A proxy on loopback that notes the first head of every connection. It ends with the test process.
struct Relay {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    fn that(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(vec![]));
        let noted = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let noted = Arc::clone(&noted);
                thread::spawn(move || carried(stream, does, &noted));
            }
        });
        Self { address, heads }
    }

    fn to(stage: &Stage) -> Self {
        let address = stage.endpoint().trim_start_matches("http://").parse().expect("an address");
        Self::that(Does::Forwards(address))
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic holds it").clone()
    }
}

/// A client that goes away ends its connection and nothing else.
fn carried(mut client: TcpStream, does: Does, noted: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = vec![];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut some = [0; 4096];
        let read = client.read(&mut some).ok().filter(|read| *read > 0)?;
        head.extend(&some[..read]);
    }
    noted.lock().ok()?.push(String::from_utf8_lossy(&head).into_owned());
    let upstream = match does {
        Does::Refuses(status) => {
            return write!(client, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
        }
        Does::Forwards(upstream) => upstream,
    };
    let mut server = TcpStream::connect(upstream).ok()?;
    server.write_all(&head).ok()?;
    let (mut from_client, mut to_server) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    std::io::copy(&mut server, &mut client).ok()?;
    client.shutdown(Shutdown::Both).ok()
}

fn stage(members: usize) -> Stage {
    let names: Vec<String> = (0..members).map(|n| format!("account-{n:02}")).collect();
    let (mut world, _) = organization(&names.iter().map(String::as_str).collect::<Vec<_>>());
    all_strong(&mut world);
    Stage::held_to(world, STRONG)
}

/// A plan in an environment that differs by this; an empty value takes a variable away.
fn plan(stage: &Stage, environment: &[(&str, &str)], more: &[&str]) -> Done {
    let mut command = stage.command(&[&["plan", "-b", "baseline.yaml", "--format", "json"], more].concat());
    for (name, value) in environment {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
    Done::from(command.output().expect("the binary runs"))
}

#[test]
fn one_client_serves_the_process_so_that_one_call_at_a_time_takes_one_connection() {
    let stage = stage(10);
    let relay = Relay::to(&stage);
    let done = plan(&stage, &[("AWS_ENDPOINT_URL", &relay.url())], &["--concurrency", "1"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(stage.calls().len() > 20);
    assert_eq!(relay.heads().len(), 1, "every account, service and session shares it");
}

#[test]
fn a_proxy_for_plain_http_is_asked_for_hosts_that_only_it_knows() {
    let stage = stage(2);
    let proxy = Relay::to(&stage);
    let hidden = [("AWS_ENDPOINT_URL", "http://aws.test"), ("HTTP_PROXY", &*proxy.url())];
    let done = plan(&stage, &hidden, &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let heads = proxy.heads();
    assert!(!heads.is_empty() && heads.iter().all(|head| head.starts_with("POST http://aws.test/")), "{heads:?}");
}

#[test]
fn what_no_proxy_names_goes_past_the_proxy() {
    let stage = stage(2);
    let proxy = Relay::that(Does::Refuses("502 Bad Gateway"));
    let done = plan(&stage, &[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", "127.0.0.1,other.test")], &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(proxy.heads(), [""; 0]);
    let through = plan(&stage, &[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", "other.test")], &[]);
    assert_eq!((through.code, proxy.heads().is_empty()), (Some(1), false), "{}", through.stderr);
}

#[test]
fn a_proxy_for_https_is_asked_for_a_tunnel_to_the_regional_sts_and_its_password_is_not_shown() {
    let stage = stage(1);
    let proxy = Relay::that(Does::Refuses("407 Proxy Authentication Required"));
    let url = proxy.url().replace("http://", "http://ada:s3cret-word@");
    let done = plan(&stage, &[("AWS_ENDPOINT_URL", ""), ("HTTPS_PROXY", &url), ("AWS_MAX_ATTEMPTS", "1")], &[]);
    done.refused(1, "HTTPS_PROXY");
    let heads = proxy.heads();
    assert!(heads[0].starts_with("CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1"), "{heads:?}");
    let authorization = heads[0].lines().find(|line| line.to_ascii_lowercase().starts_with("proxy-authorization: "));
    assert_eq!(
        authorization.and_then(|line| line.split_once(": ")).map(|(_, said)| said),
        Some("Basic YWRhOnMzY3JldC13b3Jk")
    );
    assert!(!done.stderr.contains("s3cret-word"), "{}", done.stderr);
    let loud = plan(&stage, &[("AWS_ENDPOINT_URL", ""), ("HTTPS_PROXY", &url), ("AWS_MAX_ATTEMPTS", "1")], &["-vv"]);
    assert!(!loud.stderr.contains("s3cret-word") && !loud.stderr.contains("YWRhOnMz"), "{}", loud.stderr);
}

#[test]
fn an_endpoint_for_each_service_is_as_good_as_one_for_all() {
    let stage = stage(2);
    let relay = Relay::to(&stage);
    let url = relay.url();
    let each = [("AWS_ENDPOINT_URL", ""), ("AWS_ENDPOINT_URL_STS", &*url), ("AWS_ENDPOINT_URL_IAM", &*url)];
    let organizations = ("AWS_ENDPOINT_URL_ORGANIZATIONS", &*url);
    // Away from the region that signs for services with one endpoint.
    let done = plan(&stage, &[&each[..], &[organizations]].concat(), &["--region", "eu-west-1"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let regions = |service: &str| {
        let calls = stage.calls().into_iter().filter(|call| call.service == service);
        let mut regions: Vec<String> = calls.map(|call| call.region).collect();
        regions.dedup();
        regions
    };
    assert_eq!(regions("sts"), ["eu-west-1"]);
    assert_eq!(
        (regions("iam"), regions("organizations")),
        (vec!["us-east-1".to_owned()], vec!["us-east-1".to_owned()])
    );
}

#[test]
fn an_endpoint_out_of_reach_and_a_region_that_does_not_exist_are_told() {
    let stage = stage(1);
    // The port was free a moment ago, and nobody listens.
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let once = ("AWS_MAX_ATTEMPTS", "1");
    plan(&stage, &[("AWS_ENDPOINT_URL", &format!("http://{closed}")), once], &[])
        .refused(1, "STS could not be reached: check the network");
    let nowhere = [("AWS_ENDPOINT_URL", "http://sts.mars-north-1.invalid"), once];
    plan(&stage, &nowhere, &["--region", "mars-north-1"]).refused(1, "does not resolve: check --region");
    assert!(stage.calls().is_empty());
}

/// A listener whose connections are taken by the system and answered by nobody.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

/// What KMS did not answer in time is unreadable, the rest is judged; answers how long the run took.
#[track_caller]
fn kms_is_silent(url: &str) -> (Duration, String) {
    let (mut world, ids) = organization(&["one", "two"]);
    all_strong(&mut world);
    // It would be read before the others, and they after it.
    let management = world.management();
    let controls = format!("{STRONG}  kms.key_rotation:\n    enabled: true\n");
    let stage = Stage::held_to(world, &controls);
    let begun = Instant::now();
    let done =
        plan(&stage, &[("AWS_ENDPOINT_URL_KMS", url), ("AWS_MAX_ATTEMPTS", "1")], &["--exclude-account", &management]);
    let took = begun.elapsed();
    assert_eq!(done.code, Some(3), "{}", done.stderr);
    let plan = done.json();
    for id in &ids {
        let verdicts = verdicts(&plan, id);
        assert_eq!(verdicts.len(), 8, "{verdicts:?}");
        for (requirement, verdict) in verdicts {
            let silent = requirement.starts_with("kms.");
            assert_eq!(verdict, if silent { "unreadable" } else { "compliant" }, "{requirement}");
        }
    }
    (took, text(&line(&plan, &ids[0])["reason"]).to_owned())
}

#[test]
fn an_endpoint_that_takes_connections_and_never_answers_is_given_up_after_twenty_seconds() {
    let (_listener, url) = silent();
    let (took, reason) = kms_is_silent(&url);
    assert!(reason.contains("kms:ListKeys") && reason.contains("no answer in time"), "{reason}");
    assert!((20..40).contains(&took.as_secs()), "{took:?}");
}

/// Linux drops what would connect once as many wait as the listener takes.
#[cfg(target_os = "linux")]
#[test]
fn an_endpoint_that_does_not_even_connect_is_given_up_after_three_seconds() {
    let (listener, url) = silent();
    let address = listener.local_addr().expect("an address");
    let mut waiting = vec![];
    let room = Duration::from_millis(300);
    while let Ok(stream) = TcpStream::connect_timeout(&address, room) {
        waiting.push(stream);
        assert!(waiting.len() < 20_000, "the listener never fills");
    }
    let (took, reason) = kms_is_silent(&url);
    assert!(reason.contains("kms:ListKeys") && reason.contains("connect"), "{reason}");
    // Less than what an answer is waited for, however slow the rest is.
    assert!((3..20).contains(&took.as_secs()), "{took:?}: {reason}");
}
