//! Messages as the other side receives them.

use super::*;
use crate::domain::plan::Purpose;
use crate::net::peer::{Act, Peer};

fn telling() -> Telling {
    Telling {
        incident: serde_json::from_value(serde_json::json!("INC-1047")).unwrap(),
        path: "incident".into(),
        step: 1,
        purpose: Purpose::Page,
        to: vec!["inc-room".into()],
        key: "k1".into(),
        thread: "INC-1047/incident".into(),
        subject: Outside::new("<!channel> @here \u{1b}[2J down & out"),
        packet: vec![
            ("impact scope".into(), Some(Outside::new("all orders\n*INC-1* fake row"))),
            ("order ids".into(), None),
        ],
    }
}

fn settings(style: &str, rest: &str) -> Settings {
    toml::from_str(&format!("name = 'inc-room'\nstyle = '{style}'\n{rest}")).unwrap()
}

async fn send(style: &str, act: Act) -> (Result<Accepted, Fault>, serde_json::Value, String) {
    let peer = Peer::new([act]);
    let url = peer.url("/services/canary");
    let channel = Webhook::new(&settings(style, &format!("url = '{url}'")), |_| None).unwrap();
    let sent = channel.tell(&telling()).await;
    let seen = peer.seen().concat();
    let body = seen.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap();
    (sent, serde_json::from_str(&body).unwrap(), seen)
}

#[tokio::test]
async fn slack_gets_a_text_that_calls_nobody() {
    let (sent, body, _) = send("slack", Act::say(200, b"ok")).await;
    assert_eq!(sent, Ok(Accepted::status(200)));
    let text = body["text"].as_str().unwrap();
    assert!(
        text.starts_with("*INC-1047* &lt;!channel&gt; @\u{200b}here \\x1b[2J down &amp; out\n"),
        "{text}"
    );
    assert!(text.contains("\n> *INC-1* fake row\n• order ids: not yet known"), "{text}");
}

#[tokio::test]
async fn only_ok_is_ok_for_slack() {
    for (status, body) in [(200, "no_text"), (200, ""), (201, "ok"), (404, "channel_not_found"), (302, "ok")]
    {
        let (sent, _, _) = send("slack", Act::say(status, body.as_bytes())).await;
        let fault = sent.unwrap_err();
        assert_eq!(fault.status, Some(status));
        assert!(!fault.detail.raw().contains("canary"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_program_gets_every_field_and_the_key() {
    let (sent, body, seen) = send("generic", Act::say(202, b"")).await;
    assert_eq!(sent, Ok(Accepted::status(202)));
    assert_eq!((&body["key"], &body["incident"]), (&"k1".into(), &"INC-1047".into()));
    assert_eq!(body["packet"]["order ids"], serde_json::Value::Null);
    assert!(seen.contains("idempotency-key: k1"));
}

#[tokio::test]
async fn a_url_may_come_from_a_command() {
    let peer = Peer::new([Act::say(200, b"ok")]);
    let rest = format!("url_command = ['echo', '{}']", peer.url("/x"));
    let channel = Webhook::new(&settings("slack", &rest), |_| None).unwrap();
    assert!(channel.tell(&telling()).await.is_ok());
}

#[tokio::test]
async fn nobody_there_is_said_without_the_url() {
    let rest = format!("url = '{}/canary'", Peer::new([]).gone());
    let channel = Webhook::new(&settings("slack", &rest), |_| None).unwrap();
    let fault = channel.tell(&telling()).await.unwrap_err();
    assert_eq!(fault, Fault::new(FaultKind::Unreachable, "connection refused"));
}

#[test]
fn settings_are_checked() {
    let teams =
        toml::from_str::<Settings>("name = 'a'\nstyle = 'teams'\nurl = 'https://a.example'").unwrap_err();
    assert!(teams.to_string().contains("style \"teams\" is not in this build yet"), "{teams}");
    for rest in [
        "",
        "url = 'https://a.example'\nurl_env = 'U'",
        "url = 'http://a.example'",
        "url_env = 'A'\nurl_file = 'b'",
    ] {
        assert!(Webhook::new(&settings("slack", rest), |_| None).is_err(), "{rest}");
    }
    let shown = format!("{:?}", settings("slack", "url = 'https://a.example/canary'"));
    assert!(!shown.contains("canary"));
}
