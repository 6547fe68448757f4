//! A key in a file: PKCS#8 in PEM, as `openssl genpkey` writes it, for its owner only.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;

use crate::domain::fault::Fault;
use crate::domain::identity::{PublicKey, Signature};
use crate::domain::time::Time;
use crate::net::{Secret, read_private};
use crate::os::files;

/// A key in a file.
pub struct Key {
    path: PathBuf,
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl Key {
    /// Reads it; a file that others may read, or that is another's, is refused.
    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let shown = path.display();
        if !path.exists() {
            let remedy = "`quell identity init` makes one";
            return Err(Fault::local(format!("there is no key in {shown}; {remedy}")));
        }
        let pem = Secret::new(String::from_utf8(read_private(path)?).unwrap_or_default());
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.reveal().as_bytes()).ok();
        let pair = der.and_then(|der| Ed25519KeyPair::from_pkcs8(der.secret_pkcs8_der()).ok());
        let pair = pair.ok_or_else(|| {
            Fault::local(format!(
                "{shown} holds no ed25519 key in PKCS#8; make one with `quell identity init`, or name a key of your \
                 SSH agent with [identity] agent"
            ))
        })?;
        Self::of(path, pair)
    }

    /// Makes one in a new file.
    pub(super) fn make(path: &Path) -> Result<Self, Fault> {
        let shown = path.display();
        if path.exists() {
            return Err(Fault::local(format!("there is a key in {shown} already; nothing was written")));
        }
        if let Some(folder) = path.parent() {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|error| {
                Fault::local(format!("the folder {} cannot be made: {error}", folder.display()))
            })?;
        }
        let failed = |_| Fault::local("this machine makes no key: it has no random numbers");
        let pair = Ed25519KeyPair::generate().map_err(failed)?;
        let document = pair.to_pkcs8v1().map_err(failed)?;
        files::write_private(path, pem(document.as_ref()).reveal().as_bytes())?;
        Self::of(path, pair)
    }

    fn of(path: &Path, pair: Ed25519KeyPair) -> Result<Self, Fault> {
        let public = pair.public_key().as_ref().try_into().map(PublicKey::new);
        let public = public.map_err(|_| Fault::local("an ed25519 key has 32 bytes, and this one has not"))?;
        Ok(Self { path: path.to_owned(), pair, public })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn public(&self) -> PublicKey {
        self.public
    }

    pub(super) fn sign(&self, at: Time, bytes: &[u8]) -> Signature {
        let mut raw = [0; 64];
        raw.iter_mut().zip(self.pair.sign(bytes).as_ref()).for_each(|(into, byte)| *into = *byte);
        Signature::new(self.public, at, &raw)
    }
}

fn pem(der: &[u8]) -> Secret {
    let body = Secret::new(STANDARD.encode(der));
    let lines: Vec<&str> =
        body.reveal().as_bytes().chunks(64).filter_map(|line| str::from_utf8(line).ok()).collect();
    Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n")))
}
