//! The client against peers that misbehave.

use super::*;
use crate::net::LoginSettings;
use crate::net::peer::{Act, Peer};

/// 64 KiB of zeros, compressed.
const BOMB: &str = "H4sIAAAAAAACA+3BAQEAAACAkP6v7ggKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAauuOl9cAAAEA";

fn client() -> Client {
    Client::new(&Connection::default(), Login::none()).unwrap()
}

fn soon() -> Limits {
    Limits { deadline: Span::millis(200), body: 32 * 1024 }
}

async fn fault_of(act: Act) -> Fault {
    let peer = Peer::new([act]);
    client().send(&Request::get(peer.url("/x?token=canary")), soon()).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_has_status_body_and_headers() {
    let date = "Fri, 20 Nov 2026 14:00:00 GMT";
    let peer = Peer::new([Act::head(202, &[("date", date)], b"queued")]);
    let answer = client().exchange(&Request::get(peer.url("/")), soon()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (202, b"queued".as_slice()));
    assert_eq!(answer.date().map(|at| at.timestamp()), Some(1_795_183_200));
}

#[tokio::test]
async fn the_body_of_a_success_is_handed_over_and_that_of_a_refusal_is_the_answer() {
    let peer = Peer::new([Act::say(200, &[b'x'; 20_000]), Act::say(400, b"no")]);
    let mut pieces = Vec::new();
    for body in [&b""[..], b"no"] {
        let mut take = |piece: &[u8]| {
            pieces.extend_from_slice(piece);
            Ok(())
        };
        let answer = client().exchange_into(&Request::get(peer.url("/")), soon(), &mut take).await.unwrap();
        assert_eq!(answer.body, body);
    }
    assert_eq!(pieces, [b'x'; 20_000]);
    let peer = Peer::new([Act::say(200, b"x")]);
    let mut refuse = |_: &[u8]| Err(Fault::new(FaultKind::Malformed, "no list"));
    let fault = client().exchange_into(&Request::get(peer.url("/")), soon(), &mut refuse).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Malformed);
}

#[tokio::test]
async fn who_is_spoken_to_in_the_clear_needs_no_trust() {
    let peer = Peer::new([Act::say(200, b"")]);
    let client = Client::for_polling(&Connection::default(), Login::none()).unwrap();
    client.send(&Request::get(peer.url("/")), soon()).await.unwrap();
    assert!(client.made.clear.get().is_some() && client.made.tls.get().is_none());
}

#[tokio::test]
async fn where_a_host_is_that_is_spoken_to_in_the_clear_is_known_once_it_answered_well() {
    let peer = Peer::new([Act::say(503, b""), Act::say(200, b"")]);
    let url = peer.url("/").replace("127.0.0.1", "localhost");
    let client = Client::for_polling(&Connection::default(), Login::none()).unwrap();
    let elsewhere = || vec!["203.0.113.1:0".parse().unwrap()];
    for is_bound in [false, true] {
        client.exchange(&Request::get(&url), soon()).await.unwrap();
        assert_eq!(client.made.resolver.as_before("localhost", elsewhere()).is_err(), is_bound);
    }
}

#[tokio::test]
async fn refused_means_nothing_was_sent() {
    let url = Peer::new([]).gone();
    let fault = client().send(&Request::get(url), soon()).await.unwrap_err();
    assert_eq!(fault, Fault::new(FaultKind::Unreachable, "connection refused"));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_means_nothing_was_sent() {
    let fault = client().send(&Request::get("https://quell.invalid/"), Limits::READ).await.unwrap_err();
    assert_eq!(fault, Fault::new(FaultKind::Unreachable, "name lookup failed"));
}

#[tokio::test]
async fn a_stalled_handshake_means_nothing_was_sent() {
    let peer = Peer::new([Act::Raw(b"not tls".to_vec())]);
    let url = peer.url("/").replace("http:", "https:");
    let fault = client().send(&Request::get(url), Limits::READ).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault:?}");
}

#[tokio::test]
async fn silence_and_cut_answers_are_no_answer() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    for act in [Act::Hang, Act::Raw(Vec::new()), Act::Raw(cut), Act::Raw(b"garbage\r\n\r\n".to_vec())] {
        let fault = fault_of(act).await;
        assert_eq!(fault.kind, FaultKind::NoAnswer, "{fault:?}");
        assert!(!fault.detail.raw().contains("canary"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let other = Peer::new([Act::say(200, b"caught")]);
    let target = other.url("/");
    let peer = Peer::new([Act::head(307, &[("location", &target)], b"")]);
    let body = serde_json::json!({"reason": "canary"});
    let fault = client().send(&Request::post_json(peer.url("/"), &body), soon()).await.unwrap_err();
    assert_eq!((fault.kind, fault.status), (FaultKind::Redirected, Some(307)));
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn a_body_is_counted_after_decompression() {
    use base64::Engine;
    let bomb = base64::engine::general_purpose::STANDARD.decode(BOMB).unwrap();
    let fault = fault_of(Act::head(200, &[("content-encoding", "gzip")], &bomb)).await;
    assert_eq!((fault.kind, fault.status), (FaultKind::TooLarge, Some(200)));
    assert_eq!(fault_of(Act::say(200, &[b'x'; 40_000])).await.kind, FaultKind::TooLarge);
    let broken = Act::head(200, &[("content-encoding", "gzip")], b"this is no gzip stream");
    assert_eq!(fault_of(broken).await.kind, FaultKind::Malformed);
}

#[tokio::test]
async fn too_many_headers_are_no_answer() {
    let many: Vec<(String, &str)> = (0..200).map(|n| (format!("x-{n}"), "y")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(fault_of(Act::head(200, &many, b"")).await.kind, FaultKind::NoAnswer);
}

/// A client whose token is another one each time it is fetched: 1, 2, …
fn with_counted_tokens(home: &tempfile::TempDir) -> Client {
    let count = home.path().join("count").display().to_string();
    let script = format!("echo x >> {count}; wc -l < {count}");
    let login =
        LoginSettings { token_command: Some(vec!["sh".into(), "-c".into(), script]), ..Default::default() };
    Client::new(&Connection::default(), Login::new(&login, |_| None).unwrap()).unwrap()
}

#[tokio::test]
async fn a_write_that_was_refused_is_not_sent_again_but_the_next_one_has_the_new_token() {
    let home = tempfile::tempdir().unwrap();
    let client = with_counted_tokens(&home);
    let peer = Peer::new([Act::say(401, b""), Act::say(200, b"")]);
    let write = Request::post_json(peer.url("/"), &serde_json::json!({}));
    let fault = client.send(&write, soon()).await.unwrap_err();
    assert_eq!((fault.kind, peer.seen().len()), (FaultKind::Unauthorised, 1));
    assert!(fault.detail.raw().contains("the command sh gives another one now; try again"), "{fault:?}");
    client.send(&write, soon()).await.unwrap();
    assert!(peer.seen().last().unwrap().contains("Bearer 2"), "{:?}", peer.seen());
}

#[tokio::test]
async fn a_read_has_its_token_fetched_again_after_a_401_and_is_resent_when_it_changed() {
    let home = tempfile::tempdir().unwrap();
    let client = with_counted_tokens(&home);
    let peer = Peer::new([Act::say(401, b""), Act::say(200, b"ok")]);
    client.send(&Request::get(peer.url("/")), soon()).await.unwrap();
    let tokens: Vec<bool> = peer.seen().iter().map(|request| request.contains("Bearer 2")).collect();
    assert_eq!(tokens, [false, true]);

    let fixed = LoginSettings { token_command: Some(vec!["echo".into(), "t".into()]), ..Default::default() };
    let client = Client::new(&Connection::default(), Login::new(&fixed, |_| None).unwrap()).unwrap();
    let peer = Peer::new([Act::say(401, b"")]);
    let fault = client.send(&Request::get(peer.url("/")), soon()).await.unwrap_err();
    assert_eq!((fault.kind, peer.seen().len()), (FaultKind::Unauthorised, 1));
}

#[tokio::test]
async fn whoever_may_not_is_asked_once_more_with_a_new_token_and_then_no_more() {
    for status in [401, 403] {
        let home = tempfile::tempdir().unwrap();
        let client = with_counted_tokens(&home);
        let peer = Peer::new([Act::say(status, b""), Act::say(status, b"")]);
        let fault = client.send(&Request::get(peer.url("/")), soon()).await.unwrap_err();
        assert_eq!((fault.kind, fault.status, peer.seen().len()), (FaultKind::Unauthorised, Some(status), 2));
        assert!(fault.detail.raw().contains("what the command sh gives now is refused as well"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_long_question_is_a_read_though_it_is_a_form_and_what_may_be_repeated_is() {
    let text = "x".repeat(3000);
    for which in ["a question", "a page"] {
        let home = tempfile::tempdir().unwrap();
        let client = with_counted_tokens(&home);
        let peer = Peer::new([Act::say(401, b""), Act::say(200, b"ok")]);
        let request = match which {
            "a question" => Request::query(&peer.url("/q"), &[("query", text.as_str())]).unwrap(),
            _ => Request::post_json(peer.url("/q"), &serde_json::json!({})).repeatable(),
        };
        assert_eq!(client.send(&request, soon()).await.unwrap().status, 200, "{which}");
        assert!(peer.seen().iter().all(|request| request.starts_with("POST")), "{:?}", peer.seen());
    }
}

#[tokio::test]
async fn who_is_refused_is_told_what_to_do_and_never_the_secret() {
    let env = LoginSettings { token_env: Some("T".into()), ..Default::default() };
    for (settings, said) in [
        (
            LoginSettings::default(),
            "status 401 Unauthorized: it wants credentials; name them with token_command",
        ),
        (
            env,
            "status 401 Unauthorized: what the variable T holds is refused; put a valid one there and start",
        ),
    ] {
        let login = Login::new(&settings, |_| Some("canary".to_owned())).unwrap();
        let client = Client::new(&Connection::default(), login).unwrap();
        let peer = Peer::new([Act::say(401, b"")]);
        let fault = client.send(&Request::get(peer.url("/")), soon()).await.unwrap_err();
        assert!(fault.detail.raw().starts_with(said) && !fault.detail.raw().contains("canary"), "{fault:?}");
        assert_eq!(peer.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_configured_proxy_is_used_and_holds_no_credentials() {
    let proxy = Peer::new([Act::say(200, b"by proxy")]);
    let through = |proxy: String| Connection { proxy: Some(proxy), ..Connection::default() };
    let client = Client::new(&through(proxy.url("/")), Login::none()).unwrap();
    let answer = client.send(&Request::get("http://127.0.0.1:1/x"), soon()).await.unwrap();
    assert_eq!(answer.body, b"by proxy");
    assert!(Client::new(&through("http://ana:canary@127.0.0.1:1".into()), Login::none()).is_err());
}
