//! A name server on loopback that answers everything alike, well or badly, over UDP and TCP.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use simple_dns::rdata::{A, AAAA, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};

/// What it says to every question.
#[derive(Clone, Debug)]
pub enum Says {
    /// These addresses, as far as they are of the kind that is asked for.
    Addresses(Vec<IpAddr>),
    /// No, and why.
    Code(RCODE),
    /// Nothing.
    Nothing,
    /// The number of the question and then these bytes.
    Bytes(Vec<u8>),
    /// That the answer is too long, and over TCP these addresses.
    Cut(Vec<IpAddr>),
    /// First what somebody who guesses would say, then these addresses.
    Forged(Vec<IpAddr>),
    /// Nothing to the first question, then these addresses.
    Late(Vec<IpAddr>),
}

/// Addresses from text.
pub fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// A name server. Stops when dropped.
pub struct Dnsd {
    port: u16,
    closing: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Dnsd {
    pub fn saying(says: Says) -> Self {
        let (socket, listener) = super::eventually("a port for both protocols", || {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
            let socket = UdpSocket::bind(listener.local_addr().ok()?).ok()?;
            Some((socket, listener))
        });
        let port = listener.local_addr().unwrap().port();
        let closing = Arc::new(AtomicBool::new(false));
        let (ends, of_streams) = (Arc::clone(&closing), says.clone());
        let datagrams = std::thread::spawn(move || by_datagram(&socket, &says, &ends));
        let ends = Arc::clone(&closing);
        let streams = std::thread::spawn(move || by_stream(&listener, &of_streams, &ends));
        Self { port, closing, threads: vec![datagrams, streams] }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Dnsd {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        // Both threads wait for somebody; this is somebody.
        let to = (Ipv4Addr::LOCALHOST, self.port);
        let _woken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.send_to(&[], to));
        let _woken = std::net::TcpStream::connect(to);
        for thread in self.threads.drain(..) {
            let _ended = thread.join();
        }
    }
}

fn by_datagram(socket: &UdpSocket, says: &Says, closing: &AtomicBool) {
    let (mut buffer, mut asked) = ([0; 4096], 0);
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        if closing.load(Ordering::SeqCst) {
            return;
        }
        asked += 1;
        let question = &buffer[..length];
        let datagrams = match says {
            Says::Nothing => Vec::new(),
            Says::Late(_) if asked == 1 => Vec::new(),
            Says::Code(code) => vec![answer(question, *code, &[], false)],
            Says::Bytes(bytes) => vec![[&question[..2], bytes].concat()],
            Says::Cut(_) => vec![answer(question, RCODE::NoError, &[], true)],
            Says::Addresses(found) | Says::Late(found) => {
                vec![answer(question, RCODE::NoError, found, false)]
            }
            Says::Forged(found) => {
                let mut other = question.to_vec();
                other[0] ^= 0xff;
                let lie = addresses(&["192.0.2.66", "::66"]);
                let forged = answer(&other, RCODE::NoError, &lie, false);
                vec![b"noise".to_vec(), forged, answer(question, RCODE::NoError, found, false)]
            }
        };
        for datagram in datagrams {
            socket.send_to(&datagram, from).unwrap();
        }
    }
}

fn by_stream(listener: &TcpListener, says: &Says, closing: &AtomicBool) {
    loop {
        let (mut stream, _) = listener.accept().unwrap();
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let Says::Cut(found) = says else { continue };
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut question).unwrap();
        let whole = answer(&question, RCODE::NoError, found, false);
        stream.write_all(&u16::try_from(whole.len()).unwrap().to_be_bytes()).unwrap();
        stream.write_all(&whole).unwrap();
    }
}

fn answer(question: &[u8], code: RCODE, found: &[IpAddr], cut: bool) -> Vec<u8> {
    let asked = Packet::parse(question).unwrap();
    let about = asked.questions[0].clone();
    let mut packet = Packet::new_reply(asked.id());
    *packet.rcode_mut() = code;
    if cut {
        packet.set_flags(PacketFlag::TRUNCATION);
    }
    for address in found {
        let (kind, rdata) = match address {
            IpAddr::V4(v4) => (TYPE::A, RData::A(A { address: u32::from(*v4) })),
            IpAddr::V6(v6) => (TYPE::AAAA, RData::AAAA(AAAA { address: u128::from(*v6) })),
        };
        if about.qtype == QTYPE::TYPE(kind) {
            packet.answers.push(ResourceRecord::new(about.qname.clone(), CLASS::IN, 60, rdata));
        }
    }
    packet.questions.push(about);
    packet.build_bytes_vec_compressed().unwrap()
}
