//! What stands between quell and a source: certificates, names, routes, proxies.

use std::time::{Duration, Instant};

use quell::domain::fault::{Fault, FaultKind};
use serde_json::Value;

use super::rig::alertmanager;
use crate::sources::KINDS;
use crate::sources::contract::Kind;
use crate::support::faultd::{Faultd, Reply};
use crate::support::mounts;
use crate::support::pty::Pty;
use crate::support::real::Python;
use crate::support::scratch::{Ran, Scratch, run};
use crate::support::tls::{Authority, Signed, TlsServer};
use crate::support::venue::leave;

const ALERTS: &str = "GET /api/v2/alerts";

async fn refused(kind: &Kind, signed: &Signed, trusted: Option<&Authority>) -> Fault {
    let server = TlsServer::showing(signed).await;
    let folder = tempfile::tempdir().unwrap();
    let mut connection = String::new();
    if let Some(authority) = trusted {
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, &authority.pem).unwrap();
        connection = format!("ca_file = '{}'", file.display());
    }
    let source = kind.build(&[server.url("localhost")], &connection).unwrap();
    let fault = source.poll(chrono::Utc::now()).await.unwrap_err();
    assert_eq!(server.seen(), [""; 0], "no key is given to whoever is not believed");
    fault
}

#[tokio::test]
async fn f22_a_certificate_that_is_not_believed_is_said_for_what_is_wrong_with_it() {
    let ours = Authority::new("ours");
    for kind in KINDS {
        let between = |from, to| ours.server_between("localhost", from, to);
        for (what, signed, trusted, said) in [
            (
                "expired",
                ours.expired_server("localhost"),
                Some(&ours),
                "the server's certificate has expired",
            ),
            (
                "not yet valid",
                between((2090, 1, 1), (2091, 1, 1)),
                Some(&ours),
                "the server's certificate is not valid yet; check the clocks",
            ),
            (
                "for another host",
                ours.server("other.example.com"),
                Some(&ours),
                "the server's certificate is for another name; check the host in the URL",
            ),
            (
                "of nobody who is known",
                ours.server("localhost"),
                None,
                "the server's certificate is of an unknown issuer; name its authority in ca_file",
            ),
        ] {
            let fault = refused(kind, &signed, trusted).await;
            assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unreachable, said), "{what}");
        }
    }
    // There is no way around it.
    for key in ["insecure_tls", "insecure_skip_verify", "verify", "danger_accept_invalid_certs"] {
        let table = format!("{}{key} = true\n", alertmanager("am", "1s", "https://localhost:1"));
        let complaint = Scratch::with_config(&table).run(&["config", "check"]);
        assert!(complaint.code == Some(2) && complaint.stderr.contains(key), "{complaint:?}");
    }
}

#[tokio::test]
async fn f23_a_handshake_that_stalls_is_given_up_after_three_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://127.0.0.1:{}", listener.local_addr().unwrap().port());
    for kind in KINDS {
        let began = Instant::now();
        let fault = kind.poll(std::slice::from_ref(&url)).await.unwrap_err();
        assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unreachable, "no connection within 3s"));
        assert!(began.elapsed() < Duration::from_secs(8), "took {:?}", began.elapsed());
    }
}

/// A machine on a network of its own on which only this machine is, and whose names are looked up at 127.0.0.1.
fn cut_off(machine: &Scratch, script: &str) -> Option<Ran> {
    std::fs::write(machine.path("resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
    let script = format!(
        "ip link set lo up; mount --bind {} /etc/resolv.conf; {script}",
        machine.path("resolv.conf").display()
    );
    Some(run(&mut mounts::shell_on_a_network_of_its_own(machine, &script)?))
}

fn named() -> Scratch {
    Scratch::with_config(&alertmanager("am", "1s", "https://am.example.com"))
}

/// The last line of what was printed, which is a list.
fn source(ran: &Ran) -> Value {
    let list: Value = serde_json::from_str(ran.stdout.lines().last().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    list["sources"][0].clone()
}

#[test]
fn f24_a_name_that_cannot_be_looked_up_is_said() {
    let machine = named();
    let twice = "$QUELL list --json || true; $QUELL list --json || true";
    let Some(ran) = cut_off(&machine, twice) else { return };
    let source = source(&ran);
    assert_eq!((&source["state"], &source["fault"]), (&"DOWN".into(), &"name lookup failed".into()));
}

#[test]
fn f25_a_name_server_that_says_nothing_delays_nobody_beyond_the_deadline() {
    let Some(python) = Python::find() else { return };
    let machine = named();
    let silent = format!(
        "{} -c 'import socket,time; s=socket.socket(2,2); s.bind((\"127.0.0.1\",53)); open(\"bound\",\"w\"); \
         time.sleep(60)' & while [ ! -e bound ]; do :; done; $QUELL list --json || true; kill $!",
        python.program().display()
    );
    let began = Instant::now();
    let Some(ran) = cut_off(&machine, &silent) else { return };
    assert!(began.elapsed() < Duration::from_secs(10), "took {:?}", began.elapsed());
    assert_eq!(source(&ran)["fault"], "no connection within 3s", "{ran:?}");
}

#[test]
fn f27_without_any_network_everything_is_down_and_the_console_works_and_ends() {
    let machine = Scratch::with_config(&alertmanager("am", "1s", "http://127.0.0.1:9093"));
    let Some(command) = mounts::shell_on_a_network_of_its_own(&machine, "exec \"$QUELL\"") else { return };
    let console = Pty::start(&command, 100, 24);
    let screen = console.shows("✗ am DOWN");
    assert!(screen.contains("BLIND") && !screen.contains("All clear"), "{screen}");
    console.keys("s").shows("no route to the host");
    console.keys("q").shows("── Triage");
    leave(&console);
    assert_eq!(console.finish().0.code, 0);
}

#[test]
fn f28_a_proxy_of_the_environment_is_not_followed_and_said() {
    let (proxy, server) = (Faultd::start(), Faultd::start());
    server.on(ALERTS, [Reply::ok("[]")]);
    let machine = Scratch::with_config(&alertmanager("am", "1s", &server.url()));
    let with_proxies = |arguments: &[&str]| {
        let mut command = machine.quell(arguments);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(name, format!("http://ana:canary@127.0.0.1:{}", proxy.port()));
        }
        run(&mut command)
    };
    let list = with_proxies(&["list", "--json"]);
    assert!(list.code == Some(0) && list.stdout.contains("LIVE"), "{list:?}");
    let doctor = with_proxies(&["doctor"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        assert!(doctor.stdout.contains(&format!("{name} is set and not followed")), "{doctor:?}");
    }
    assert!(!doctor.stdout.contains("canary"), "{doctor:?}");
    assert_eq!((doctor.code, proxy.requests()), (Some(0), Vec::new()));
}
