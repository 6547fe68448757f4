//! Secrets that were replaced where they are kept: a page is sent again with the new one, a bulletin never is.

use std::path::Path;

use quell::domain::action::Outcome;

use super::{build, posting, telling};
use crate::support::faultd::{Faultd, Reply};

const SENT: &str = "POST /hook";

/// A program that prints this and the number of times it was run.
fn counted(folder: &Path, text: &str) -> String {
    let runs = folder.join("runs").display().to_string();
    format!("['sh', '-c', 'echo run >> {runs}; echo \"{text}\"$(wc -l < {runs})']")
}

/// Its tables, each with a secret that is another one each time; and how the server says no.
fn channels(folder: &Path, server: &Faultd) -> [(String, Reply, Reply); 3] {
    let url = format!("{}/hook", server.url());
    let webhook = "kind = 'webhook'\nname = 'room'\nstyle = 'generic'\nreach = 'per-recipient'\n";
    let no = || Reply::status(403);
    [
        (
            format!("{webhook}url = '{url}'\ntoken_command = {}", counted(folder, "token-")),
            no(),
            Reply::status(200),
        ),
        (
            format!("{webhook}url_command = {}", counted(folder, &format!("{url}?sig="))),
            no(),
            Reply::status(200),
        ),
        (
            format!(
                "kind = 'pagerduty-events'\nname = 'room'\nurl = '{url}'\nrouting_key_command = {}",
                counted(folder, "key-")
            ),
            Reply::body(
                400,
                "application/json",
                r#"{"status":"invalid event","errors":["bad routing_key"]}"#,
            ),
            Reply::body(202, "application/json", r#"{"status":"success"}"#),
        ),
    ]
}

#[tokio::test]
async fn a_page_is_sent_again_once_with_the_new_secret() {
    for which in 0..3 {
        let (folder, server) = (tempfile::tempdir().unwrap(), Faultd::start());
        let (table, no, yes) = channels(folder.path(), &server)[which].clone();
        let (_, channel) = build(&table);
        server.on(SENT, [no.clone(), yes]);
        channel.tell(&telling()).await.unwrap();
        let requests = server.wait_for(SENT, 2);
        let keys: Vec<_> = requests.iter().map(|request| request.header("idempotency-key")).collect();
        assert!(keys.len() == 2 && keys[0] == keys[1] && keys[0].is_some(), "{table}: {keys:?}");
        assert_ne!(requests[0], requests[1], "{table}: another secret");
        // Whoever goes on to refuse is left alone.
        server.on(SENT, [no]);
        let fault = channel.tell(&telling()).await.unwrap_err();
        assert_eq!(fault.outcome(), Outcome::Refused, "{table}: {fault:?}");
        assert!(server.requests().len() <= 5, "{table}: {} requests", server.requests().len());
    }
}

#[tokio::test]
async fn a_bulletin_is_sent_once_whatever_was_replaced() {
    for which in 0..2 {
        let (folder, server) = (tempfile::tempdir().unwrap(), Faultd::start());
        let (table, no, _) = channels(folder.path(), &server)[which].clone();
        let (_, channel) = build(&table);
        server.on(SENT, [no]);
        let fault = channel.post(&posting()).await.unwrap_err();
        assert_eq!((fault.outcome(), server.requests().len()), (Outcome::Refused, 1), "{table}: {fault:?}");
    }
}
