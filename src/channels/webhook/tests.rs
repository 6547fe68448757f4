//! Messages as the other side receives them.

use super::*;
use crate::channels::tests::{posting, telling};
use crate::domain::fault::FaultKind;
use crate::domain::plan::Purpose;
use crate::net::peer::{Act, Peer};

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
async fn a_program_that_gives_the_url_is_run_again_once_after_a_refusal_and_for_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let runs = home.path().join("runs");
    let [broken, refused] = [|| Act::say(500, b""), || Act::say(404, b"no_such_hook")];
    let peer = Peer::new([broken(), broken(), refused(), refused(), refused()]);
    let script = format!("echo x >> {}; echo {}", runs.display(), peer.url("/x"));
    let channel =
        Webhook::new(&settings("slack", &format!("url_command = ['sh', '-c', '{script}']")), |_| None)
            .unwrap();
    let mut times = Vec::new();
    for _ in 0..5 {
        channel.tell(&telling()).await.unwrap_err();
        times.push(std::fs::read_to_string(&runs).unwrap().lines().count());
    }
    assert_eq!((times, peer.seen().len()), (vec![1, 1, 2, 2, 2], 5));
}

#[tokio::test]
async fn nobody_there_is_said_without_the_url() {
    let rest = format!("url = '{}/canary'", Peer::new([]).gone());
    let channel = Webhook::new(&settings("slack", &rest), |_| None).unwrap();
    let fault = channel.tell(&telling()).await.unwrap_err();
    assert_eq!(fault, Fault::new(FaultKind::Unreachable, "connection refused"));
}

#[tokio::test]
async fn a_refusal_of_slack_is_said_in_its_word_and_nothing_else_is_repeated() {
    let fault = send("slack", Act::say(404, b"channel_not_found")).await.0.unwrap_err();
    assert_eq!(fault.detail.raw(), "status 404 Not Found: channel_not_found");
    for body in ["<html>/services/canary</html>", "canary"] {
        let fault = send("slack", Act::say(404, body.as_bytes())).await.0.unwrap_err();
        assert!(!fault.detail.raw().contains("canary"), "{fault:?}");
    }
}

/// Every text of a card, in order.
fn shown(card: &Value) -> Vec<String> {
    let blocks = card["attachments"][0]["content"]["body"].as_array().unwrap();
    let text = |block: &Value| {
        let runs = block["inlines"].as_array().unwrap().iter();
        runs.map(|run| run["text"].as_str().unwrap().to_owned()).collect::<String>()
    };
    blocks.iter().map(text).collect()
}

#[tokio::test]
async fn teams_gets_a_card_without_markup() {
    let (sent, body, _) = send("teams", Act::say(202, b"")).await;
    assert_eq!(sent, Ok(Accepted::status(202)));
    assert_eq!(body["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(
        shown(&body),
        [
            "INC-1047",
            "<!channel> @here \\x1b[2J down & out",
            "impact scope: ",
            "all orders",
            "*INC-1* fake row",
            "order ids: not yet known"
        ]
    );
    assert!(!body.to_string().contains("\"TextBlock\""), "a text block would be read as markup");
}

#[test]
fn what_is_too_much_for_a_chat_is_left_out_with_a_marker() {
    let item = |n: usize| (format!("item {n}"), Some(Outside::new("\"é\n".repeat(5000))));
    let telling = Telling { packet: (0..400).map(item).collect(), ..telling() };
    let card = teams::telling(&telling);
    assert!(card.to_string().len() <= 28 * 1024);
    assert!(shown(&card).last().unwrap().starts_with("…[+"));
    let text = slack::telling(&telling)["text"].as_str().unwrap().to_owned();
    assert!(text.chars().count() <= 40_000 && text.lines().last().unwrap().starts_with("…[+"));
}

#[test]
fn each_purpose_is_said() {
    let said = |purpose| {
        let telling = Telling { purpose, ..telling() };
        let slack = slack::telling(&telling)["text"].as_str().unwrap().lines().next().unwrap().to_owned();
        let known = shown(&teams::telling(&telling)).len() > 2;
        (slack, known, generic::telling(&telling)["purpose"].as_str().unwrap().to_owned())
    };
    let (text, known, word) = said(Purpose::Filled);
    assert!(text.starts_with("*INC-1047, now known:* ") && known && word == "filled", "{text}");
    let (text, known, word) = said(Purpose::Acknowledged("ana <!here>".into()));
    assert!(text.starts_with("*INC-1047: ana &lt;!here&gt; holds it; paging stops.* "), "{text}");
    assert!(!known && word == "acknowledged");
    let (text, known, word) = said(Purpose::Ended);
    assert!(text.starts_with("*INC-1047 has ended.* ") && !known && word == "ended", "{text}");
}

#[tokio::test]
async fn a_bulletin_arrives_to_the_letter_or_not_at_all() {
    let slack = slack::posting(&posting()).unwrap();
    assert_eq!(slack["mrkdwn"], false);
    let text = slack["text"].as_str().unwrap();
    let read = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    assert_eq!(read, format!("{}\n\n{}", posting().subject.raw(), posting().body.raw()));
    let card = shown(&teams::posting(&posting()).unwrap());
    assert_eq!(
        card[1..],
        ["What happened", "Orders wait <1 min & more.", " ", "Verification code: QX-71_A*"]
    );
    let long = Posting { body: Outside::new("é".repeat(41_000)), ..posting() };
    for refused in [slack::posting(&long), teams::posting(&long)] {
        assert_eq!(refused.unwrap_err().kind, FaultKind::Local);
    }
}

#[tokio::test]
async fn without_a_reach_no_bulletin_leaves() {
    let peer = Peer::new([Act::say(200, b"ok")]);
    let rest = format!("url = '{}'", peer.url("/x"));
    let channel = Webhook::new(&settings("slack", &rest), |_| None).unwrap();
    assert_eq!(channel.post(&posting()).await.unwrap_err().kind, FaultKind::Local);
    assert!(peer.seen().is_empty());
}

#[test]
fn settings_are_checked() {
    assert!(toml::from_str::<Settings>("name = 'a'\nstyle = 'irc'\nurl = 'https://a.example'").is_err());
    for rest in [
        "",
        "url = 'https://a.example'\nurl_env = 'U'",
        "url = 'http://a.example'",
        "url_env = 'A'\nurl_file = 'b'",
        "url_env = 'A'\nreach = 'per-recipient'",
    ] {
        assert!(Webhook::new(&settings("slack", rest), |_| None).is_err(), "{rest}");
    }
    let shown = format!("{:?}", settings("slack", "url = 'https://a.example/canary'"));
    assert!(!shown.contains("canary"));
}
