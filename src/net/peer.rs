//! A loopback peer for tests that answers each connection as told, well or badly.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the peer does with one connection.
pub(crate) enum Act {
    /// Reads the request, sends these bytes and closes.
    Raw(Vec<u8>),
    /// Reads the request and then says nothing.
    Hang,
}

impl Act {
    /// An answer with a status and a body.
    pub(crate) fn say(status: u16, body: &[u8]) -> Self {
        Self::head(status, &[], body)
    }

    /// An answer with headers.
    pub(crate) fn head(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes =
            format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("\r\n");
        Self::Raw([bytes.as_bytes(), body].concat())
    }
}

/// A listener that plays its acts in order and then stops listening.
pub(crate) struct Peer {
    base: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    /// Listens on a free port.
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (into, acts) = (seen.clone(), acts.into_iter().collect::<Vec<_>>());
        if !acts.is_empty() {
            std::thread::spawn(move || play(&listener, acts, &into));
        }
        Self { base, seen }
    }

    /// A URL of this peer.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The URL of a peer that no longer listens; it must have had no acts.
    pub(crate) fn gone(self) -> String {
        self.base
    }

    /// The requests received, head and body.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn play(listener: &TcpListener, acts: Vec<Act>, seen: &Mutex<Vec<String>>) {
    let mut hanging = Vec::new();
    for act in acts {
        let Ok((mut stream, _)) = listener.accept() else { return };
        let request = read(&mut stream);
        seen.lock().unwrap().push(request);
        match act {
            Act::Raw(bytes) => drop(stream.write_all(&bytes)),
            Act::Hang => hanging.push(stream),
        }
    }
    // Held until the other side gives up.
    for mut stream in hanging {
        drop(stream.read(&mut [0]));
    }
}

fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            // A TLS greeting never ends like a request.
            if request.first() == Some(&0x16) { break } else { continue }
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().unwrap_or(0)) {
            break;
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}
