//! Who somebody is: a key, the person it belongs to, and what they sign.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::plan::{PlanHash, hex};
use super::time::Time;

/// The only kind of key quell knows.
const KIND: &str = "ssh-ed25519";

/// A key's fingerprint as `ssh-keygen -l` prints it: `SHA256:` and 43 characters of base64.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

impl KeyId {
    /// Reads what `ssh-keygen -l` prints.
    ///
    /// # Errors
    /// A sentence that says where to find it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digest = text.strip_prefix("SHA256:").and_then(|rest| STANDARD_NO_PAD.decode(rest).ok());
        match digest {
            Some(digest) if digest.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err("this is no fingerprint of a key; `ssh-add -l` prints them: SHA256:…".to_owned()),
        }
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for KeyId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

/// A public ed25519 key, written as OpenSSH writes it; a comment behind it is read over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads the line of a `.pub` file.
    ///
    /// # Errors
    /// A sentence that says what is wanted.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut words = line.split_ascii_whitespace();
        let blob = (words.next() == Some(KIND)).then(|| words.next()).flatten();
        let blob = blob.and_then(|word| STANDARD.decode(word).ok());
        blob.and_then(|blob| Self::from_blob(&blob)).ok_or_else(|| {
            "this is no ed25519 key; `quell identity show` prints yours: ssh-ed25519 AAAA…".to_owned()
        })
    }

    /// Reads a key as the SSH protocol carries it: the kind and the bytes, each behind its length.
    pub fn from_blob(blob: &[u8]) -> Option<Self> {
        let lead = Self([0; 32]).blob();
        let (lead, _) = lead.split_at_checked(lead.len() - 32)?;
        blob.strip_prefix(lead)?.try_into().ok().map(Self)
    }

    /// The key as the SSH protocol carries it.
    pub fn blob(&self) -> Vec<u8> {
        let field = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes(), bytes].concat();
        [field(KIND.as_bytes()), field(&self.0)].concat()
    }

    /// Its fingerprint.
    pub fn id(&self) -> KeyId {
        KeyId(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(self.blob()))))
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{KIND} {}", STANDARD.encode(self.blob()))
    }
}

impl TryFrom<String> for PublicKey {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

/// What somebody signed, without saying what that was; only a key tells whether it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// By whom.
    pub key: PublicKey,
    /// When; that is signed too.
    #[serde(default)]
    pub at: Time,
    /// 64 bytes, lower-case hex.
    pub bytes: String,
}

impl Signature {
    /// A signature by this key.
    pub fn new(key: PublicKey, at: Time, bytes: &[u8; 64]) -> Self {
        Self { key, at, bytes: hex(bytes) }
    }

    /// Its 64 bytes; `None` when something else is written there.
    pub fn raw(&self) -> Option<[u8; 64]> {
        let nibble = |digit: &u8| char::from(*digit).to_digit(16).map(|value| value as u8);
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(nibble(high)? << 4 | nibble(low)?),
            _ => None,
        };
        self.bytes.as_bytes().chunks(2).map(byte).collect::<Option<Vec<_>>>()?.try_into().ok()
    }
}

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement<'a> {
    /// "Carry out this plan, once somebody else agrees."
    Request {
        /// Which.
        plan: &'a PlanHash,
    },
    /// "I agree to what was asked there."
    Approval {
        /// To which plan.
        plan: &'a PlanHash,
        /// The sequence number of the record that asks.
        ask: u64,
        /// How long the asking stands, from when the request was signed.
        until: Time,
    },
}

impl Statement<'_> {
    /// To the byte what is signed at this moment. The first line keeps one kind from being read as another, the last
    /// one request from being read as a later one.
    pub fn bytes(&self, at: Time) -> Vec<u8> {
        let exact = |time: Time| time.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true);
        let text = match self {
            Self::Request { plan } => format!("quell request 2\n{}\n", plan.0),
            Self::Approval { plan, ask, until } => {
                format!("quell approval 2\n{}\nask {ask}\nuntil {}\n", plan.0, exact(*until))
            }
        };
        format!("{text}at {}\n", exact(at)).into_bytes()
    }
}

/// Whether a confirmation is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Nobody looks at it.
    Never,
    /// Where that takes no time: it says who did it, and nothing waits for it.
    IfSoon,
    /// It does not go on without.
    Needed,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// May ask for a change.
    Responder,
    /// May be the second person of one.
    Approver,
    /// A word this build gives no meaning: it permits nothing. Records of others may hold it, a configuration may not.
    #[serde(other)]
    Other,
}

impl Standing {
    /// Every standing that somebody can be given.
    pub const ALL: [Self; 2] = [Self::Responder, Self::Approver];

    /// The word of a configuration and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Responder => "responder",
            Self::Approver => "approver",
            Self::Other => "other",
        }
    }

    /// Reads the word of a configuration.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.word() == word)
    }
}

/// Somebody whose key is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// As they call themselves in `operator`.
    pub name: String,
    /// Theirs alone.
    pub key: PublicKey,
    /// What they may do.
    pub roles: Vec<Standing>,
}

impl Person {
    /// Whether they may do that.
    pub fn may(&self, standing: Standing) -> bool {
        self.roles.contains(&standing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `ssh-keygen -t ed25519 -C ana@bastion`, and what `ssh-keygen -l` says of it.
    const LINE: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0Yhy5h0y5/KlqvotX+SiYufoCKTEZ5WD3sIMTEQ4ZR ana@bastion";
    const FINGERPRINT: &str = "SHA256:vEp0IpTHjl1jpBINpSjGTxO5IpXlcaNp+ohbq2pxGVU";

    #[test]
    fn a_key_reads_writes_and_fingerprints_as_openssh_does() {
        let key = PublicKey::parse(LINE).unwrap();
        assert_eq!(key.to_string(), LINE.trim_end_matches(" ana@bastion"));
        assert_eq!(PublicKey::parse(&key.to_string()), Ok(key));
        assert_eq!(key.id().to_string(), FINGERPRINT);
        assert_eq!(KeyId::parse(FINGERPRINT), Ok(key.id()));
        assert_eq!(PublicKey::from_blob(&key.blob()), Some(key));
    }

    #[test]
    fn what_is_no_ed25519_key_is_refused() {
        let (kind, rest) = LINE.split_once(' ').unwrap();
        let short = STANDARD.encode(&PublicKey::parse(LINE).unwrap().blob()[..50]);
        for wrong in [
            String::new(),
            kind.to_owned(),
            format!("ssh-rsa {rest}"),
            format!("{kind} {short}"),
            format!("{kind} AAAA{rest}"),
            FINGERPRINT.to_owned(),
        ] {
            assert!(PublicKey::parse(&wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "SHA256:", "MD5:00:11", FINGERPRINT.split_at(40).0, LINE] {
            assert!(KeyId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_signature_keeps_its_bytes_or_says_there_are_none() {
        let key = PublicKey::parse(LINE).unwrap();
        let bytes: [u8; 64] = std::array::from_fn(|at| at as u8 * 3);
        let signature = Signature::new(key, Time::UNIX_EPOCH, &bytes);
        assert_eq!(signature.raw(), Some(bytes));
        let read = serde_json::from_str(&serde_json::to_string(&signature).unwrap());
        assert_eq!(read.ok(), Some(signature.clone()));
        let short = signature.bytes.split_at(2).1.to_owned();
        for wrong in ["", "0", "zz", "é", &short, &signature.bytes.replace('0', "g")] {
            assert_eq!(Signature { bytes: wrong.to_owned(), ..signature.clone() }.raw(), None, "{wrong}");
        }
    }

    #[test]
    fn statements_are_fixed_to_the_byte() {
        let plan = &PlanHash("ab12".to_owned());
        let until = Time::UNIX_EPOCH;
        let at = until + chrono::TimeDelta::nanoseconds(1);
        let request: &[u8] = b"quell request 2\nab12\nat 1970-01-01T00:00:00.000000001Z\n";
        assert_eq!(Statement::Request { plan }.bytes(at), request);
        let approval: &[u8] = b"quell approval 2\nab12\nask 7\nuntil 1970-01-01T00:00:00.000000000Z\n\
            at 1970-01-01T00:00:00.000000001Z\n";
        assert_eq!(Statement::Approval { plan, ask: 7, until }.bytes(at), approval);
    }
}
