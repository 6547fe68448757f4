//! A key that an SSH agent holds: two questions of its protocol, with every length and wait bounded.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::verifies;
use crate::domain::fault::Fault;
use crate::domain::identity::{KeyId, PublicKey, Signature};
use crate::domain::time::{Span, Time};

/// How long the agent may take to say what it holds.
const LISTS_WITHIN: Duration = Duration::from_secs(2);
/// How long it may take to sign: one that asks its owner first, or waits for a touch, needs a person.
const SIGNS_WITHIN: Duration = Duration::from_secs(20);
/// How long an answer may be, in bytes; agents themselves stop there.
const ANSWER_BYTES: u32 = 256 * 1024;

/// What it is asked; the kind of the answer is one more.
const REQUEST_IDENTITIES: u8 = 11;
const SIGN_REQUEST: u8 = 13;

/// For so long an agent that did not sign in time is not asked again where it can be done without.
const HUNG_FOR: Span = Span::mins(1);

/// A key that an agent holds.
pub struct Key {
    id: KeyId,
    socket: Option<PathBuf>,
    /// When it did not sign in time.
    hung: Mutex<Option<Time>>,
}

impl Key {
    pub(super) fn new(id: KeyId, socket: Option<PathBuf>) -> Self {
        Self { id, socket, hung: Mutex::default() }
    }

    /// Whether it did not sign in time a moment ago.
    pub(super) fn hangs(&self, now: Time) -> bool {
        let hung = *self.hung.lock().unwrap_or_else(PoisonError::into_inner);
        hung.is_some_and(|since| (since..since + HUNG_FOR.delta()).contains(&now))
    }

    /// Whether it signed in time is known from now on.
    pub(super) fn hung(&self, since: Option<Time>) {
        *self.hung.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    pub(super) fn id(&self) -> &KeyId {
        &self.id
    }

    /// Looks whether the agent holds it.
    pub(super) async fn public(&self) -> Result<PublicKey, Fault> {
        self.held(&mut self.connect().await?).await
    }

    /// Has the agent sign, and looks at what it gives back: agents are told apart by nothing but a path.
    pub(super) async fn sign(&self, at: Time, bytes: &[u8]) -> Result<Signature, Fault> {
        let mut agent = self.connect().await?;
        let key = self.held(&mut agent).await?;
        let asked = [&string(&key.blob())[..], &string(bytes), &0_u32.to_be_bytes()].concat();
        let answer = ask(&mut agent, SIGN_REQUEST, &asked, SIGNS_WITHIN).await?;
        let signature = signature(key, at, &answer).filter(|signature| verifies(signature, bytes));
        signature
            .ok_or_else(|| agent_fault(&format!("does not sign with {}; unlock it with `ssh-add`", self.id)))
    }

    async fn connect(&self) -> Result<UnixStream, Fault> {
        let socket = self.socket.as_ref().ok_or_else(|| {
            Fault::local("there is no SSH agent here: SSH_AUTH_SOCK is not set; start one with `ssh-agent`")
        })?;
        UnixStream::connect(socket).await.map_err(|error| {
            let shown = socket.display();
            Fault::local(format!(
                "the SSH agent at {shown} cannot be reached: {error}; set SSH_AUTH_SOCK anew"
            ))
        })
    }

    async fn held(&self, agent: &mut UnixStream) -> Result<PublicKey, Fault> {
        let answer = ask(agent, REQUEST_IDENTITIES, &[], LISTS_WITHIN).await?;
        let keys = keys(&answer).ok_or_else(|| agent_fault("gave an answer that cannot be read"))?;
        let held = keys.into_iter().find(|key| key.id() == self.id);
        held.ok_or_else(|| agent_fault(&format!("does not hold {}; add it with `ssh-add`", self.id)))
    }
}

fn agent_fault(what: &str) -> Fault {
    Fault::local(format!("the SSH agent {what}"))
}

/// Asks one question; the answer without its kind, which must follow that of the question.
async fn ask(agent: &mut UnixStream, kind: u8, body: &[u8], within: Duration) -> Result<Vec<u8>, Fault> {
    let exchange = async {
        agent.write_all(&string(&[&[kind], body].concat())).await?;
        let length = agent.read_u32().await?;
        let mut answer = Vec::new();
        if (1..=ANSWER_BYTES).contains(&length) {
            answer.reserve_exact(length as usize);
            agent.take(u64::from(length)).read_to_end(&mut answer).await?;
        }
        Ok::<_, std::io::Error>((length, answer))
    };
    let (length, answer) = match timeout(within, exchange).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(error)) => return Err(agent_fault(&format!("broke off: {error}; set SSH_AUTH_SOCK anew"))),
        Err(_) => {
            let within = within.as_secs();
            return Err(agent_fault(&format!("did not answer within {within} s; set SSH_AUTH_SOCK anew")));
        }
    };
    match answer.split_first() {
        Some((found, rest)) if *found == kind + 1 && answer.len() == length as usize => Ok(rest.to_vec()),
        _ => Err(agent_fault("says no; unlock it with `ssh-add`")),
    }
}

/// The ed25519 keys among those it holds.
fn keys(mut answer: &[u8]) -> Option<Vec<PublicKey>> {
    let (count, rest) = answer.split_first_chunk::<4>()?;
    answer = rest;
    let mut keys = Vec::new();
    for _ in 0..u32::from_be_bytes(*count) {
        let blob = take_string(&mut answer)?;
        // Its comment.
        take_string(&mut answer)?;
        keys.extend(PublicKey::from_blob(blob));
    }
    Some(keys)
}

fn signature(key: PublicKey, at: Time, mut answer: &[u8]) -> Option<Signature> {
    let mut blob = take_string(&mut answer)?;
    let kind = take_string(&mut blob)?;
    let raw = take_string(&mut blob)?;
    let raw: &[u8; 64] = raw.try_into().ok()?;
    (kind == b"ssh-ed25519").then(|| Signature::new(key, at, raw))
}

/// Bytes behind their length.
fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn take_string<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = from.split_first_chunk::<4>()?;
    let (taken, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *from = rest;
    Some(taken)
}
