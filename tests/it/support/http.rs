//! A plain HTTP/1.1 client of a dozen lines: independent of the one under test.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use super::BOUND;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The head, as received.
    pub head: String,
    /// The body, as received.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

/// Makes one request to `127.0.0.1:port`, with extra header lines.
pub fn request(
    port: u16,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Response> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(BOUND))?;
    let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    // 1.0, so that nobody answers in chunks.
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\n{extra}\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
    let mut received = Vec::new();
    stream.read_to_end(&mut received)?;
    let cut = || std::io::Error::from(ErrorKind::UnexpectedEof);
    let end = received.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(cut)?;
    let body = received.split_off(end + 4);
    let head = String::from_utf8_lossy(&received).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(cut)?;
    Ok(Response { status, head, body })
}

/// Gets a path.
pub fn get(port: u16, path: &str) -> std::io::Result<Response> {
    request(port, "GET", path, &[], "")
}

/// Posts JSON.
pub fn post(port: u16, path: &str, body: &serde_json::Value) -> std::io::Result<Response> {
    request(port, "POST", path, &[("Content-Type", "application/json")], &body.to_string())
}
