//! Secrets: where they come from, and that they are never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize, Serializer};

use super::fault::is_of_this_machine;
use super::keyring::{self, Attributes};
use crate::domain::fault::Fault;
use crate::domain::time::Span;
use crate::exec::{self, Ending};

/// How long a command may take to print a secret.
const COMMAND_WITHIN: Span = Span::secs(5);
/// How long a secret may be, in bytes.
const SECRET_BYTES: u64 = 16 * 1024;
/// What is shown in its place.
const HIDDEN: &str = "••••";

/// Reads a variable of the environment; handed in because only one place reads it.
pub type Environment = fn(&str) -> Option<String>;

/// Text that is never shown, logged or written: it prints as `••••`, and its memory is overwritten when dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(HIDDEN)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Without a look at them the compiler may leave the writes out.
        std::hint::black_box(&bytes);
    }
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// The standard output of a program, given as its argument list.
    Command(Vec<String>),
    /// The item of the keyring that has these attributes.
    Keyring(Attributes),
    /// A file only its owner can read.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// The configuration itself.
    Inline(Secret),
}

/// The ways configuration can give a secret it calls `key`, `token` say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways<'a> {
    /// What it is called.
    pub key: &'a str,
    /// `key`, where the secret itself may stand in the configuration.
    pub inline: Option<&'a Secret>,
    /// `key_command`.
    pub command: Option<&'a Vec<String>>,
    /// `key_keyring`.
    pub keyring: Option<&'a Attributes>,
    /// `key_file`.
    pub file: Option<&'a PathBuf>,
    /// `key_env`.
    pub env: Option<&'a String>,
}

impl Ways<'_> {
    /// The one that is given, if any.
    ///
    /// # Errors
    /// More than one is.
    pub fn source(&self) -> Result<Option<SecretSource>, Fault> {
        let key = self.key;
        if self.keyring.is_some_and(BTreeMap::is_empty) {
            let how =
                format!("{key}_keyring names no attribute; write {key}_keyring = {{ service = \"quell\" }}");
            return Err(Fault::local(how));
        }
        let given = [
            self.inline.map(|secret| SecretSource::Inline(secret.clone())),
            self.command.map(|argv| SecretSource::Command(argv.clone())),
            self.keyring.map(|attributes| SecretSource::Keyring(attributes.clone())),
            self.file.map(|path| SecretSource::File(path.clone())),
            self.env.map(|name| SecretSource::Env(name.clone())),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (_, Some(_)) => Err(Fault::local(format!(
                "keep one of the ways to give {key} ({key}_command, {key}_keyring, {key}_file, {key}_env), remove the \
                 others"
            ))),
            (one, None) => Ok(one),
        }
    }
}

impl SecretSource {
    /// Fetches the secret.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that names what to repair, never what was read.
    pub async fn read(&self, environment: Environment) -> Result<Secret, Fault> {
        let secret = match self {
            Self::Command(argv) => command_output(argv).await?,
            Self::Keyring(attributes) => text(keyring::read(attributes).await?, "the keyring")?,
            Self::File(path) => text(read_private(path)?, &path.display().to_string())?,
            Self::Env(name) => Secret::new(environment(name).unwrap_or_default()),
            Self::Inline(secret) => secret.clone(),
        };
        if secret.reveal().is_empty() {
            return Err(Fault::local(format!("{self} holds no secret; put one there")));
        }
        Ok(secret)
    }

    /// Whether reading it again may give another secret.
    pub fn may_change(&self) -> bool {
        matches!(self, Self::Command(_) | Self::Keyring(_) | Self::File(_))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(argv) => write!(f, "the command {}", argv.first().map_or("", String::as_str)),
            Self::Keyring(attributes) => write!(f, "the keyring's item {}", keyring::words(attributes)),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Env(name) => write!(f, "the variable {name}"),
            Self::Inline(_) => f.write_str("the configuration"),
        }
    }
}

/// Reads a file that nobody but its owner may read.
///
/// # Errors
/// A [local](Fault::local) fault with the command that closes the file, or what else is wrong with it.
pub fn read_private(path: &Path) -> Result<Vec<u8>, Fault> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        let passes = is_of_this_machine(&error);
        Fault { passes, ..Fault::local(format!("the file {shown} cannot be read: {error}")) }
    };
    // Without waiting: a named pipe in its place must not hold quell up.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(Fault::local(format!("{shown} is no regular file; name one that holds the secret")));
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(Fault::local(format!("the file {shown} belongs to another user; use one of your own")));
    }
    if found.mode() & 0o077 != 0 {
        return Err(Fault::local(format!("the file {shown} is open to others; run: chmod 600 {shown}")));
    }
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

async fn command_output(argv: &[String]) -> Result<Secret, Fault> {
    let name = format!("the command {}", argv.first().map_or("", String::as_str));
    let hand = "run it by hand to see why";
    let ours = |fault: Fault| Fault { passes: fault.may_pass(), ..Fault::local(fault.detail.raw()) };
    let ran = exec::ask(argv, COMMAND_WITHIN).await.map_err(ours)?;
    match ran.ending {
        Ending::Exited(0) => text(ran.stdout.kept, &name),
        Ending::OutOfTime(within) => Err(Fault::passing(format!("{name} took longer than {within}; {hand}"))),
        Ending::Exited(_) | Ending::Signalled(_) | Ending::Lost(_) => {
            Err(Fault::passing(format!("{name} failed; {hand}")))
        }
    }
}

fn text(bytes: Vec<u8>, whose: &str) -> Result<Secret, Fault> {
    if bytes.len() as u64 > SECRET_BYTES {
        return Err(Fault::local(format!("{whose} gave more than 16 KiB; a secret is shorter")));
    }
    let mut text = String::from_utf8(bytes)
        .map_err(|_| Fault::local(format!("{whose} gave something that is not text")))?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::domain::fault::FaultKind;

    const NOTHING: Environment = |_| None;

    fn command(script: &str) -> SecretSource {
        SecretSource::Command(["sh", "-c", script].map(str::to_owned).to_vec())
    }

    #[tokio::test]
    async fn a_command_gives_its_output_without_one_newline() {
        let secret = command("printf 'hunter2\\n\\n'").read(NOTHING).await.unwrap();
        assert_eq!(secret.reveal(), "hunter2\n");
    }

    #[tokio::test]
    async fn a_command_that_fails_says_its_name_and_not_its_output() {
        for script in ["echo canary; exit 1", "true", "head -c 20000 /dev/zero", "printf '\\377'"] {
            let fault = command(script).read(NOTHING).await.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Local);
            assert!(fault.detail.raw().contains("command sh"), "{:?}", fault.detail);
            assert!(!fault.detail.raw().contains("canary"));
        }
    }

    #[tokio::test]
    async fn a_file_open_to_others_is_refused_with_the_remedy() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, "hunter2\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let source = SecretSource::File(path.clone());
        let fault = source.read(NOTHING).await.unwrap_err();
        assert!(fault.detail.raw().ends_with(&format!("run: chmod 600 {}", path.display())));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(source.read(NOTHING).await.unwrap().reveal(), "hunter2");
    }

    #[tokio::test]
    async fn a_variable_is_read_through_what_was_handed_in() {
        let source = SecretSource::Env("TOKEN".to_owned());
        assert_eq!(source.read(|name| Some(format!("of {name}"))).await.unwrap().reveal(), "of TOKEN");
        assert!(source.read(NOTHING).await.is_err());
    }

    #[test]
    fn one_way_is_given_and_an_item_by_its_attributes() {
        let (env, attributes) = ("TOKEN".to_owned(), Attributes::from([("service".into(), "quell".into())]));
        let keyring = Ways { key: "token", keyring: Some(&attributes), ..Ways::default() };
        let source = keyring.source().unwrap().unwrap();
        assert_eq!(
            (source.to_string().as_str(), source.may_change()),
            ("the keyring's item service quell", true)
        );
        assert!(Ways { env: Some(&env), ..keyring }.source().is_err());
        assert!(Ways { inline: Some(&Secret::new("canary")), ..keyring }.source().is_err());
        assert!(Ways { keyring: Some(&Attributes::new()), ..keyring }.source().is_err());
        assert_eq!(Ways::default().source(), Ok(None));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = Secret::new("canary");
        assert_eq!(format!("{secret} {secret:?}"), "•••• ••••");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"••••\"");
    }
}
