//! The addresses of a name, as this machine finds them or as one server says.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use super::fault;
use super::guard::LookUpError;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::Span;

/// How long a server may take before it is asked once more.
const AGAIN_AFTER: Span = Span::secs(2);
/// How long a look-up may take in all.
const WITHIN: Span = Span::secs(5);
/// Without extensions no answer by UDP is longer, and every server says when it cut one.
const DATAGRAM: usize = 1500;

/// A kind of address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// An `A` record.
    V4,
    /// An `AAAA` record.
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// The record it stands in.
    pub fn word(self) -> &'static str {
        match self {
            Self::V4 => "A",
            Self::V6 => "AAAA",
        }
    }

    fn kind(self) -> TYPE {
        match self {
            Self::V4 => TYPE::A,
            Self::V6 => TYPE::AAAA,
        }
    }
}

/// Whether a text can be looked up.
pub fn is_name(host: &str) -> bool {
    !host.is_empty() && Name::new(host).is_ok()
}

/// The addresses of these families that a host has, by whatever this machine looks names up with.
///
/// # Errors
/// A fault that says why there are none.
pub async fn system(host: &str, families: &[Family]) -> Result<BTreeSet<IpAddr>, Fault> {
    let look_up = tokio::net::lookup_host((host, 0));
    let found = tokio::time::timeout(WITHIN.std(), look_up).await.map_err(|_| late())?;
    let found = found.map_err(|_| fault::of_look_up(LookUpError::Failed))?;
    let wanted = |address: &IpAddr| families.contains(&Family::of(*address));
    Ok(found.map(|address| address.ip()).filter(wanted).collect())
}

/// The addresses of one family that a host has, as this server says.
///
/// # Errors
/// A fault that says why there is no answer.
pub async fn ask(server: SocketAddr, host: &str, family: Family) -> Result<BTreeSet<IpAddr>, Fault> {
    tokio::time::timeout(WITHIN.std(), exchange(server, host, family)).await.map_err(|_| late())?
}

fn late() -> Fault {
    Fault::new(FaultKind::NoAnswer, format!("no answer within {WITHIN}"))
}

async fn exchange(server: SocketAddr, host: &str, family: Family) -> Result<BTreeSet<IpAddr>, Fault> {
    let query = Query::new(host, family)?;
    let answer = query.by_datagram(server).await?;
    let whole = if query.is_cut(&answer) { query.by_stream(server).await? } else { answer };
    query.read(&whole)
}

/// One question with its number.
struct Query<'a> {
    id: u16,
    name: Name<'a>,
    family: Family,
    bytes: Vec<u8>,
}

impl<'a> Query<'a> {
    fn new(host: &'a str, family: Family) -> Result<Self, Fault> {
        let name = Name::new(host).map_err(|_| Fault::local("host is no name that can be looked up"))?;
        // The number need only be hard to guess for who does not see the question.
        let id = u16::try_from(RandomState::new().hash_one(host) & 0xffff).unwrap_or_default();
        let mut packet = Packet::new_query(id);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Question::new(name.clone(), family.kind().into(), CLASS::IN.into(), false));
        let bytes = packet.build_bytes_vec().map_err(|_| Fault::local("host is too long to be looked up"))?;
        Ok(Self { id, name, family, bytes })
    }

    async fn by_datagram(&self, server: SocketAddr) -> Result<Vec<u8>, Fault> {
        let any: IpAddr = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let failed = |error| fault::of_connecting(&error);
        let socket = UdpSocket::bind((any, 0)).await.map_err(failed)?;
        socket.connect(server).await.map_err(failed)?;
        let mut buffer = [0; DATAGRAM];
        loop {
            socket.send(&self.bytes).await.map_err(failed)?;
            let heard = async {
                loop {
                    let length = socket.recv(&mut buffer).await.map_err(failed)?;
                    let datagram = buffer.get(..length).unwrap_or_default();
                    // What answers another question is somebody else's, or somebody's who guesses.
                    if self.is_answered_by(datagram) {
                        return Ok(datagram.to_vec());
                    }
                }
            };
            // A datagram may get lost; the whole has its time elsewhere.
            if let Ok(heard) = tokio::time::timeout(AGAIN_AFTER.std(), heard).await {
                return heard;
            }
        }
    }

    async fn by_stream(&self, server: SocketAddr) -> Result<Vec<u8>, Fault> {
        let failed = |error| fault::of_connecting(&error);
        let mut stream = TcpStream::connect(server).await.map_err(failed)?;
        let length = u16::try_from(self.bytes.len()).unwrap_or_default();
        stream.write_all(&[&length.to_be_bytes(), self.bytes.as_slice()].concat()).await.map_err(failed)?;
        let mut answer = vec![0; usize::from(stream.read_u16().await.map_err(failed)?)];
        stream.read_exact(&mut answer).await.map_err(failed)?;
        Ok(answer)
    }

    fn is_answered_by(&self, bytes: &[u8]) -> bool {
        let Ok(packet) = Packet::parse(bytes) else {
            // What bears our number and cannot be read is an answer too.
            return bytes.get(..2) == Some(&self.id.to_be_bytes());
        };
        // A server may write the name in other letters of the same meaning.
        let name = self.name.to_string();
        let about = |question: &Question<'_>| question.qname.to_string().eq_ignore_ascii_case(&name);
        let ours = packet.id() == self.id && packet.has_flags(PacketFlag::RESPONSE);
        ours && packet.questions.first().is_none_or(about)
    }

    fn is_cut(&self, bytes: &[u8]) -> bool {
        // A cut answer may end anywhere: only its head is looked at.
        bytes.get(2).is_some_and(|flags| flags & 0b10 != 0)
    }

    fn read(&self, bytes: &[u8]) -> Result<BTreeSet<IpAddr>, Fault> {
        let malformed = || Fault::new(FaultKind::Malformed, "the answer is none of DNS");
        let packet = Packet::parse(bytes).map_err(|_| malformed())?;
        if !self.is_answered_by(bytes) {
            return Err(malformed());
        }
        let refused = |what: &str| Err(Fault::new(FaultKind::Refused, what));
        match packet.rcode() {
            RCODE::NoError => {}
            RCODE::NameError => return refused("there is no such name (NXDOMAIN)"),
            RCODE::ServerFailure => return refused("the server could not look it up (SERVFAIL)"),
            RCODE::Refused => return refused("the server refuses to look it up (REFUSED)"),
            other => return refused(&format!("the server answers {other:?}")),
        }
        let address = |rdata: &RData<'_>| match (rdata, self.family) {
            (RData::A(a), Family::V4) => Some(IpAddr::from(Ipv4Addr::from(a.address))),
            (RData::AAAA(a), Family::V6) => Some(IpAddr::from(Ipv6Addr::from(a.address))),
            _ => None,
        };
        Ok(packet.answers.iter().filter_map(|record| address(&record.rdata)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, AAAA};

    fn query(family: Family) -> Query<'static> {
        Query::new("api.example.com", family).unwrap()
    }

    /// An answer to a query: its code and its addresses.
    fn answer(query: &Query<'_>, id: u16, code: RCODE) -> Vec<u8> {
        let mut packet = Packet::new_reply(id);
        *packet.rcode_mut() = code;
        packet.questions.push(Question::new(
            query.name.clone(),
            query.family.kind().into(),
            CLASS::IN.into(),
            false,
        ));
        for rdata in [
            RData::A(A { address: u32::from(Ipv4Addr::new(203, 0, 113, 7)) }),
            RData::AAAA(AAAA { address: u128::from(Ipv6Addr::LOCALHOST) }),
        ] {
            packet.answers.push(ResourceRecord::new(query.name.clone(), CLASS::IN, 60, rdata));
        }
        packet.build_bytes_vec_compressed().unwrap()
    }

    #[test]
    fn an_answer_gives_the_addresses_of_its_family() {
        for (family, address) in [(Family::V4, "203.0.113.7"), (Family::V6, "::1")] {
            let query = query(family);
            let bytes = answer(&query, query.id, RCODE::NoError);
            assert!(query.is_answered_by(&bytes) && !query.is_cut(&bytes));
            let expected = BTreeSet::from([address.parse().unwrap()]);
            assert_eq!(query.read(&bytes).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_answer_says_why() {
        let query = query(Family::V4);
        for (code, words) in [
            (RCODE::NameError, "NXDOMAIN"),
            (RCODE::ServerFailure, "SERVFAIL"),
            (RCODE::Refused, "REFUSED"),
            (RCODE::NotImplemented, "NotImplemented"),
        ] {
            let fault = query.read(&answer(&query, query.id, code)).unwrap_err();
            assert!(fault.detail.raw().contains(words), "{fault:?}");
        }
        assert_eq!(query.read(b"garbage").unwrap_err().kind, FaultKind::Malformed);
    }

    #[test]
    fn only_what_answers_this_question_is_its_answer() {
        let query = query(Family::V4);
        let other = Query::new("other.example.com", Family::V4).unwrap();
        assert!(!query.is_answered_by(&answer(&query, query.id ^ 1, RCODE::NoError)));
        assert!(!query.is_answered_by(&answer(&other, query.id, RCODE::NoError)));
        assert!(!query.is_answered_by(&query.bytes), "it is the question itself");
        assert!(is_name("api.example.com") && !is_name("") && !is_name(&"a".repeat(64)));
    }
}
