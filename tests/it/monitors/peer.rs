//! The other side of a probe: whoever it is, it starts on loopback and says where.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};

use quell::domain::time::{Span, Time};

use crate::support::dnsd::{Dnsd, Says};
use crate::support::faultd::{Faultd, Reply};
use crate::support::tls::{Authority, Signed, TlsServer};

/// How a kind of monitor reaches the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaks {
    Streams,
    Datagrams,
    /// It reaches nobody.
    Nothing,
}

/// The other side.
pub enum Peer {
    /// A server of HTTP that replies to everything like this.
    Http(Reply),
    /// A server of TLS that shows this certificate.
    Tls(Signed),
    /// The same, which wants to see one of ours.
    AskingTls(Signed),
    /// A name server.
    Dns(Says),
    /// Something that sends these bytes to whoever speaks to it.
    Bytes(Speaks, Vec<u8>),
    /// Something that takes every connection and says nothing.
    Silent,
    /// Something that beat so long ago.
    Beat(Span),
    /// Nobody.
    Nobody,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Http(reply) => write!(f, "{reply:?}"),
            Self::Tls(_) => f.write_str("a server of TLS"),
            Self::AskingTls(_) => f.write_str("a server of TLS that asks for a certificate"),
            Self::Dns(says) => write!(f, "{says:?}"),
            Self::Bytes(_, bytes) => write!(f, "{bytes:?}"),
            Self::Silent => f.write_str("silence"),
            Self::Beat(ago) => write!(f, "beat {ago} ago"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// What runs while a probe looks at it; `None` where that is the test's runtime's matter.
pub type Running = Option<Box<dyn Send>>;

impl Peer {
    /// When it beat.
    pub fn beaten(&self) -> Option<Time> {
        match self {
            Self::Beat(ago) => Some(super::now() - ago.delta()),
            _ => None,
        }
    }

    /// Starts it; where it is.
    pub async fn start(self) -> (Running, String) {
        let at = |port: u16| format!("127.0.0.1:{port}");
        match self {
            Self::Http(reply) => {
                let server = Faultd::start();
                server.on("*", [reply]);
                let address = at(server.port());
                (Some(Box::new(server)), address)
            }
            Self::Tls(signed) => (None, at(TlsServer::showing(&signed).await.port())),
            Self::AskingTls(signed) => {
                let server = TlsServer::asking(&signed, &Authority::new("clients")).await;
                (None, at(server.port()))
            }
            Self::Dns(says) => {
                let server = Dnsd::saying(says);
                let address = at(server.port());
                (Some(Box::new(server)), address)
            }
            Self::Bytes(Speaks::Streams, bytes) => (None, at(stream_of(bytes))),
            Self::Bytes(_, bytes) => (None, at(datagrams_of(bytes))),
            Self::Silent => {
                // The system takes connections for who never asks for them.
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                let port = listener.local_addr().unwrap().port();
                (Some(Box::new(listener)), at(port))
            }
            Self::Beat(_) | Self::Nobody => (None, String::new()),
        }
    }
}

/// Answers one connection with these bytes, once something was said on it.
fn stream_of(bytes: Vec<u8>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _request = stream.read(&mut [0; 4096]);
        let _refused = stream.write_all(&bytes);
    });
    port
}

/// Answers datagrams with these bytes, for as long as somebody asks.
fn datagrams_of(bytes: Vec<u8>) -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    socket.set_read_timeout(Some(crate::support::BOUND)).unwrap();
    std::thread::spawn(move || {
        while let Ok((_, from)) = socket.recv_from(&mut [0; 4096]) {
            let _refused = socket.send_to(&bytes, from);
        }
    });
    port
}
