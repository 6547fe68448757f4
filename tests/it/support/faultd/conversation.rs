//! One connection: reads requests, and carries their replies out.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Reply, Request, Shared};
use crate::support::BOUND;

/// How the bytes of an answer leave.
#[derive(Clone, Copy)]
struct Pace {
    chunk: usize,
    pause: Duration,
    stop: Option<Stop>,
}

#[derive(Clone, Copy)]
struct Stop {
    after: usize,
    rudely: bool,
}

/// Serves one connection until either side has enough.
pub fn hold(shared: &Shared, stream: TcpStream) {
    let Ok(address) = stream.peer_addr() else { return };
    let mut reading = BufReader::new(stream.try_clone().unwrap());
    let mut open = Some(stream);
    while let Some(stream) = open.take()
        && let Some((request, last)) = read(&mut reading)
    {
        let key = request.header("idempotency-key").unwrap_or_default().to_owned();
        let (number, reply) = shared.arrived(request);
        let pace = Pace { chunk: usize::MAX, pause: Duration::ZERO, stop: None };
        open = carry_out(shared, reply, &key, number, pace, stream).filter(|_| !last);
        let mut state = shared.lock();
        state.last_answered = state.last_answered.max(number);
        drop(state);
        shared.changed.notify_all();
    }
    // The connection ends with its last handle: this one, and then ours.
    shared.lock().streams.retain(|other| other.peer_addr().is_ok_and(|other| other != address));
}

/// Returns the connection while it can be used again.
fn carry_out(
    shared: &Shared,
    reply: Reply,
    key: &str,
    number: usize,
    pace: Pace,
    mut stream: TcpStream,
) -> Option<TcpStream> {
    let (reply, pace) = match reply {
        Reply::Answer { status, headers, body } => {
            let bytes = wire(status, &headers, &body);
            let sent = &bytes[..pace.stop.map_or(bytes.len(), |stop| stop.after.min(bytes.len()))];
            for chunk in sent.chunks(pace.chunk) {
                stream.write_all(chunk).ok()?;
                pause(shared, pace.pause);
            }
            return match pace.stop {
                None => Some(stream),
                Some(stop) => {
                    if stop.rudely {
                        reset(stream);
                    } else {
                        let _gone = stream.shutdown(std::net::Shutdown::Both);
                    }
                    None
                }
            };
        }
        Reply::Hang => {
            // Until the other side gives up, or the test is over.
            let _gone = stream.read(&mut [0]);
            return None;
        }
        Reply::Reset { reply: None, .. } => {
            reset(stream);
            return None;
        }
        Reply::Reset { after, reply: Some(reply) } => {
            (reply, Pace { stop: Some(Stop { after, rudely: true }), ..pace })
        }
        Reply::Cut { after, reply } => (reply, Pace { stop: Some(Stop { after, rudely: false }), ..pace }),
        Reply::Drip { bytes, every, reply } => (reply, Pace { chunk: bytes.max(1), pause: every, ..pace }),
        Reply::Delay(by, reply) => {
            pause(shared, by);
            (reply, pace)
        }
        Reply::Reorder(reply) => {
            shared.wait(BOUND, |state| state.last_answered > number);
            (reply, pace)
        }
        Reply::Apply { effect, reply } => {
            *shared.lock().effects.entry(effect).or_default() += 1;
            (reply, pace)
        }
        Reply::KeyDedup { effect, reply } => {
            let mut state = shared.lock();
            if key.is_empty() || state.keys.insert(format!("{effect} {key}")) {
                *state.effects.entry(effect).or_default() += 1;
            }
            drop(state);
            (reply, pace)
        }
    };
    carry_out(shared, *reply, key, number, pace, stream)
}

fn pause(shared: &Shared, how_long: Duration) {
    if !how_long.is_zero() {
        shared.wait(how_long, |_| false);
    }
}

/// Makes the close of the last handle an RST. Of the streams at hand only tokio's has the option.
fn reset(stream: TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

fn wire(status: u16, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // A test may lie about the length.
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// The next request, and whether it is the connection's last; `None` at the end of the connection.
fn read(stream: &mut BufReader<TcpStream>) -> Option<(Request, bool)> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let old = words.next() == Some("HTTP/1.0");
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).ok()?;
    let last = old || request.header("connection") == Some("close");
    Some((request, last))
}
