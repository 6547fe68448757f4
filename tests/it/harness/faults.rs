//! Each verb of the fault server, seen by a plain client.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;

use crate::support::faultd::{Faultd, Reply};
use crate::support::http;

fn get(server: &Faultd) -> std::io::Result<http::Response> {
    http::get(server.port(), "/x?page=1")
}

#[test]
fn a_script_is_played_and_its_last_reply_repeats() {
    let server = Faultd::start();
    server.on("GET /x", [Reply::ok("[]"), Reply::status(503).header("Retry-After", "7")]);
    assert_eq!(get(&server).unwrap().text(), "[]");
    for _ in 0..2 {
        let response = get(&server).unwrap();
        assert!(response.status == 503 && response.head.contains("Retry-After: 7\r\n"));
    }
    assert_eq!(http::get(server.port(), "/y").unwrap().status, 404);
    let requests = server.wait_for("GET /x", 3);
    assert_eq!((requests.len(), requests[0].path.as_str()), (3, "/x?page=1"));
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn requests_are_kept_whole() {
    let server = Faultd::start();
    server.on("*", [Reply::status(204)]);
    http::request(server.port(), "PUT", "/a", &[("X-Who", "ana")], r#"{"a":1}"#).unwrap();
    let request = server.wait_for("PUT /a", 1).remove(0);
    assert_eq!((request.header("x-who"), request.json()["a"].as_i64()), (Some("ana"), Some(1)));
}

#[test]
fn a_connection_can_be_used_again() {
    let server = Faultd::start();
    server.on("*", [Reply::ok("1")]);
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    for count in 1..=2 {
        stream.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"\r\n\r\n1") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            received.push(byte[0]);
        }
        assert_eq!(server.requests().len(), count);
    }
}

#[test]
fn flapping_goes_round() {
    let server = Faultd::start();
    server.flap("GET /x", [Reply::ok("1"), Reply::status(500)]);
    let seen: Vec<_> = (0..4).map(|_| get(&server).unwrap().status).collect();
    assert_eq!(seen, [200, 500, 200, 500]);
}

#[test]
fn delays_and_drips_take_their_time() {
    let server = Faultd::start();
    let short = Duration::from_millis(30);
    server.on("GET /x", [Reply::ok("12").delayed(short), Reply::ok("12").dripping(20, short)]);
    for at_least in [short, short * 3] {
        let start = Instant::now();
        assert_eq!(get(&server).unwrap().text(), "12");
        assert!(start.elapsed() >= at_least);
    }
}

#[test]
fn a_reset_is_a_reset_before_and_within_the_body() {
    let server = Faultd::start();
    server.on(
        "GET /x",
        [Reply::reset(), Reply::ok("0123456789").reset_after(80), Reply::ok("0123").cut_after(10)],
    );
    for _ in 0..2 {
        assert_eq!(get(&server).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
    assert_eq!(get(&server).unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn hanging_says_nothing_until_the_server_stops() {
    let server = Faultd::start();
    server.on("GET /x", [Reply::hang()]);
    let port = server.port();
    std::thread::scope(|scope| {
        let asking = scope.spawn(move || http::get(port, "/x"));
        server.wait_for("GET /x", 1);
        assert!(!asking.is_finished());
        assert_eq!(server.stop(), port);
        assert!(asking.join().unwrap().is_err());
    });
    assert_eq!(http::get(port, "/x").unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let again = Faultd::start_at(port);
    assert_eq!(http::get(again.port(), "/x").unwrap().status, 404);
}

#[test]
fn a_gzip_bomb_is_small_and_unpacks_whole() {
    let server = Faultd::start();
    server.on("GET /x", [Reply::gzip_bomb(8)]);
    let response = get(&server).unwrap();
    assert!(
        response.head.contains("Content-Encoding: gzip") && response.body.len() < 8 * 1100,
        "{}",
        response.body.len()
    );
    let mut unpacked = Vec::new();
    GzDecoder::new(response.body.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked.len() == 8 << 20 && unpacked.iter().all(|byte| *byte == b' '));
}

#[test]
fn a_redirect_names_its_target() {
    let server = Faultd::start();
    server.on("GET /x", [Reply::redirect(307, "http://169.254.169.254/")]);
    let response = get(&server).unwrap();
    assert!(response.status == 307 && response.head.contains("Location: http://169.254.169.254/\r\n"));
}

#[test]
fn reordered_answers_overtake() {
    let server = Faultd::start();
    server.on("GET /x", [Reply::ok("first").reordered(), Reply::ok("second")]);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| get(&server).unwrap().text());
        server.wait_for("GET /x", 1);
        assert!(!first.is_finished());
        assert_eq!(get(&server).unwrap().text(), "second");
        assert_eq!(first.join().unwrap(), "first");
    });
}

#[test]
fn an_effect_is_counted_though_the_answer_fails() {
    let server = Faultd::start();
    server.on("POST /freeze", [Reply::reset().applying("freeze"), Reply::status(500).applying("freeze")]);
    let post = || http::post(server.port(), "/freeze", &serde_json::json!({}));
    assert!(post().is_err());
    assert_eq!(server.effects("freeze"), 1);
    assert_eq!((post().unwrap().status, server.effects("freeze")), (500, 2));
}

#[test]
fn a_repeated_key_has_no_second_effect() {
    let server = Faultd::start();
    server.on("POST /freeze", [Reply::ok("{}").key_dedup("freeze")]);
    for (key, effects) in [("a", 1), ("a", 1), ("b", 2)] {
        http::request(server.port(), "POST", "/freeze", &[("Idempotency-Key", key)], "").unwrap();
        assert_eq!(server.effects("freeze"), effects);
    }
}
