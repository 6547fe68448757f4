//! A mail server that fails on purpose, and keeps every message it was handed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What it does when it comes to a step.
#[derive(Clone, Debug)]
pub enum Turn {
    /// Says this line.
    Say(String),
    /// Says nothing until the other side gives up.
    Hang,
    /// Closes the connection.
    Close,
    /// Says this much without ever ending the line.
    Flood(usize),
}

impl Turn {
    /// Says this line.
    pub fn say(line: &str) -> Self {
        Self::Say(line.to_owned())
    }
}

/// A message as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The addresses of the envelope.
    pub to: Vec<String>,
    /// The message as it stood on the wire, dots undone.
    pub text: String,
}

impl Received {
    /// A header's value on one line.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.text.split_once("\r\n\r\n").map_or(self.text.as_str(), |(head, _)| head);
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = unfolded.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    /// The names of all headers.
    pub fn headers(&self) -> Vec<String> {
        let head = self.text.split_once("\r\n\r\n").map_or(self.text.as_str(), |(head, _)| head);
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split(':').next().unwrap_or_default().to_ascii_lowercase()).collect()
    }

    /// The body as it stood on the wire.
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

#[derive(Default)]
struct Shared {
    turns: BTreeMap<String, Turn>,
    received: Vec<Received>,
    said: Vec<String>,
    streams: Vec<TcpStream>,
    closing: bool,
}

/// A mail server on loopback that takes everything, except where it was told otherwise. Stops when dropped.
pub struct Smtpd {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    accepting: Option<JoinHandle<()>>,
}

impl Smtpd {
    /// Takes its turn otherwise at these steps: `greeting`, a command's word, `RCPT <address>` or `text`.
    pub fn start(turns: &[(&str, Turn)]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let turns = turns.iter().map(|(step, turn)| ((*step).to_owned(), turn.clone())).collect();
        let shared = Arc::new(Mutex::new(Shared { turns, ..Shared::default() }));
        let serving = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut state = serving.lock().unwrap();
                if state.closing {
                    return;
                }
                state.streams.extend(stream.try_clone());
                drop(state);
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || drop(hold(&shared, stream)));
            }
        });
        Self { port, shared, accepting: Some(accepting) }
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Every message it was handed, taken or not.
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().unwrap().received.clone()
    }

    /// Every command it heard.
    pub fn heard(&self) -> Vec<String> {
        self.shared.lock().unwrap().said.clone()
    }
}

impl Drop for Smtpd {
    fn drop(&mut self) {
        let mut state = self.shared.lock().unwrap();
        state.closing = true;
        for stream in state.streams.drain(..) {
            let _closed_before = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        // The accepting thread looks at `closing` after each connection: be one.
        let _refused = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(accepting) = self.accepting.take() {
            let _panicked = accepting.join();
        }
    }
}

/// Serves one connection until either side has enough.
fn hold(shared: &Mutex<Shared>, mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut to = Vec::new();
    take(shared, "greeting", "220 double.example.com ready", &mut stream)?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end().to_owned();
        shared.lock().unwrap().said.push(line.clone());
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let usual = match word.as_str() {
            "EHLO" => "250-double.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let address =
            line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
        let step = match address {
            Some(address) if word == "RCPT" => {
                to.push(address.to_owned());
                format!("RCPT {address}")
            }
            _ => word.clone(),
        };
        take(shared, &step, usual, &mut stream)?;
        if word == "DATA" {
            let text = text(&mut lines)?;
            shared.lock().unwrap().received.push(Received { to: std::mem::take(&mut to), text });
            take(shared, "text", "250 queued as 4711", &mut stream)?;
        }
    }
}

fn take(shared: &Mutex<Shared>, step: &str, usual: &str, stream: &mut TcpStream) -> std::io::Result<()> {
    let turn = shared.lock().unwrap().turns.get(step).cloned();
    match turn.unwrap_or_else(|| Turn::say(usual)) {
        Turn::Say(line) => stream.write_all(format!("{line}\r\n").as_bytes()),
        Turn::Hang => {
            let _gone = stream.read(&mut [0]);
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
        Turn::Close => {
            stream.shutdown(Shutdown::Both)?;
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
        Turn::Flood(bytes) => {
            stream.write_all(b"250-")?;
            let chunk = [b'x'; 64 * 1024];
            (0..bytes / chunk.len()).try_for_each(|_| stream.write_all(&chunk))?;
            let _gone = stream.read(&mut [0]);
            Err(std::io::ErrorKind::UnexpectedEof.into())
        }
    }
}

fn text(lines: &mut impl BufRead) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        if line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
