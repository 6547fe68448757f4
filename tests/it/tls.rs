//! Whom the HTTP client trusts, and how it says who it is: a CA of one's own and a client certificate, over real TLS.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use quell::domain::fault::{Fault, FaultKind};
use quell::net::{Client, Connection, Limits, Login, LoginSettings, Request};

use crate::support::tls::{Authority, Signed, TlsServer};

/// What must be in no error text.
const SECRET: &str = "hunter2-canary";

/// A folder for what `ca_file` and `client_cert` name.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    fn trusting(&self, authority: &Authority) -> Connection {
        Connection { ca_file: Some(self.put("ca.pem", &authority.pem)), ..Connection::default() }
    }

    fn showing(&self, authority: &Authority, shown: &Signed) -> Connection {
        Connection { client_cert: Some(self.put("client.pem", &shown.pem())), ..self.trusting(authority) }
    }
}

/// Asks with a secret in hand, as a new client of each kind; both must say the same.
async fn ask(connection: &Connection, url: &str) -> Result<Vec<u8>, Fault> {
    let login = || {
        let settings = LoginSettings { token_env: Some("T".into()), ..LoginSettings::default() };
        Login::new(&settings, |_| Some(SECRET.to_owned())).unwrap()
    };
    let request = Request::get(format!("{url}/alerts?token={SECRET}"));
    let mut answers = Vec::new();
    for client in [Client::new(connection, login()), Client::for_polling(connection, login())] {
        answers.push(client?.send(&request, Limits::READ).await.map(|answer| answer.body));
    }
    if let Some(Err(fault)) = answers.first() {
        assert!(!format!("{fault:?}").contains(SECRET), "{fault:?}");
    }
    assert_eq!(answers[0], answers[1]);
    answers.remove(0)
}

/// Asks, is refused before anything is sent, and says why in these words.
async fn is_refused(connection: &Connection, server: &TlsServer, host: &str, words: &str) {
    let fault = ask(connection, &server.url(host)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault:?}");
    assert!(fault.detail.raw().contains(words), "{fault:?}");
    assert!(server.seen().is_empty(), "{:?}", server.seen());
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_refused() {
    let server = TlsServer::showing(&Authority::new("theirs").server("localhost")).await;
    let words = "unknown issuer";
    is_refused(&Connection::default(), &server, "localhost", words).await;
    // Another authority of one's own is as unknown to it as the system's.
    is_refused(&Files::new().trusting(&Authority::new("ours")), &server, "localhost", words).await;
}

#[tokio::test]
async fn a_certificate_of_the_authority_in_ca_file_is_accepted() {
    let (files, authority) = (Files::new(), Authority::new("ours"));
    for host in ["localhost", "127.0.0.1"] {
        let server = TlsServer::showing(&authority.server(host)).await;
        assert_eq!(ask(&files.trusting(&authority), &server.url(host)).await.unwrap(), b"ok");
        assert!(server.seen()[0].contains(SECRET), "{:?}", server.seen());
    }
}

#[tokio::test]
async fn any_authority_of_a_bundle_is_accepted() {
    let (files, first, second) = (Files::new(), Authority::new("ours"), Authority::new("theirs"));
    let bundle = files.put("bundle.pem", &format!("# ours\n{}\n# theirs\n{}", first.pem, second.pem));
    let connection = Connection { ca_file: Some(bundle), ..Connection::default() };
    for authority in [first, second] {
        let server = TlsServer::showing(&authority.server("localhost")).await;
        assert_eq!(ask(&connection, &server.url("localhost")).await.unwrap(), b"ok");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (files, authority) = (Files::new(), Authority::new("ours"));
    let server = TlsServer::showing(&authority.server("other.example.com")).await;
    for host in ["localhost", "127.0.0.1"] {
        is_refused(&files.trusting(&authority), &server, host, "another name").await;
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let (files, authority) = (Files::new(), Authority::new("ours"));
    let server = TlsServer::showing(&authority.expired_server("localhost")).await;
    is_refused(&files.trusting(&authority), &server, "localhost", "expired").await;
}

#[tokio::test]
async fn who_asks_for_a_client_certificate_gets_the_configured_one_and_nothing_without_it() {
    let (files, authority, clients) = (Files::new(), Authority::new("ours"), Authority::new("theirs"));
    let server = TlsServer::asking(&authority.server("localhost"), &clients).await;
    let url = server.url("localhost");

    let without = ask(&files.trusting(&authority), &url).await.unwrap_err();
    assert_eq!(without.kind, FaultKind::Unreachable, "{without:?}");
    assert!(without.detail.raw().contains("client_cert"), "{without:?}");
    // A stranger, and one that only has the authority's name.
    for authority_of in ["strangers", "theirs"] {
        let shown = Authority::new(authority_of).client("quell");
        let wrong = ask(&files.showing(&authority, &shown), &url).await.unwrap_err();
        assert_eq!(wrong.kind, FaultKind::Unreachable, "{wrong:?}");
        assert!(wrong.detail.raw().contains("client_cert"), "{wrong:?}");
    }
    assert!(server.seen().is_empty(), "{:?}", server.seen());

    let shown = clients.client("quell");
    assert_eq!(ask(&files.showing(&authority, &shown), &url).await.unwrap(), b"ok");
    assert_eq!(server.seen().len(), 2);
}

/// Both kinds of client refuse these settings as unusable, and name the file; nothing of what it holds is said.
fn is_unusable(connection: &Connection, file: &Path, hidden: &[&str]) {
    for client in [Client::new(connection, Login::none()), Client::for_polling(connection, Login::none())] {
        let fault = client.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Local, "{fault:?}");
        let said = fault.detail.raw();
        assert!(said.contains(&file.display().to_string()), "{said}");
        for hidden in hidden {
            assert!(!said.contains(hidden), "{said}");
        }
    }
}

/// The lines of a PEM text that hold something.
fn lines(pem: &str) -> Vec<&str> {
    pem.lines().filter(|line| line.len() > 16 && !line.contains("-----")).collect()
}

#[test]
fn a_ca_file_that_is_none_is_a_fault_of_configuration_that_names_it() {
    let files = Files::new();
    let key = Authority::new("theirs").server("localhost").key;
    let no_certificate = "-----BEGIN CERTIFICATE-----\nc2VjcmV0\n-----END CERTIFICATE-----\n";
    for (name, text) in [("empty", ""), ("text", "hello\n"), ("key", &*key), ("garbage", no_certificate)] {
        let path = files.put(name, text);
        let connection = Connection { ca_file: Some(path.clone()), ..Connection::default() };
        is_unusable(&connection, &path, &lines(text));
    }
    for path in [files.0.path().join("missing.pem"), files.0.path().to_owned()] {
        is_unusable(&Connection { ca_file: Some(path.clone()), ..Connection::default() }, &path, &[]);
    }
}

#[test]
fn a_client_cert_that_is_none_is_a_fault_of_configuration_that_names_it_and_tells_no_key() {
    let (files, clients) = (Files::new(), Authority::new("ours"));
    let (one, other) = (clients.client("one"), clients.client("other"));
    let cut = one.pem().replace("-----END PRIVATE KEY-----", "");
    let mixed = format!("{}{}", one.certificate, other.key);
    let garbage = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
    let broken = format!("{}{garbage}", one.certificate);
    for (name, text) in [
        ("empty", ""),
        ("no-key", &one.certificate),
        ("no-certificate", &one.key),
        ("cut", &cut),
        ("mixed", &mixed),
        ("broken", &broken),
    ] {
        let path = files.put(name, text);
        let connection = Connection { client_cert: Some(path.clone()), ..Connection::default() };
        is_unusable(&connection, &path, &[&lines(text)[..], &["c2VjcmV0"]].concat());
    }
    let open = files.put("open", &one.pem());
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o644)).unwrap();
    let connection = Connection { client_cert: Some(open.clone()), ..Connection::default() };
    is_unusable(&connection, &open, &lines(&one.key));
}
