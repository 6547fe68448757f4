//! `quell identity`: the key a person acts with.

use clap::Subcommand;
use serde::Serialize;

use super::Global;
use super::boot::{self, load_config};
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::config::Config;
use crate::domain::identity::{KeyId, PublicKey, Standing};
use crate::os::env;

/// `quell identity init|show`.
#[derive(Debug, Subcommand)]
pub(super) enum Identity {
    /// Make a key and print what others put into their configuration
    Init,
    /// Say whose key it is, where it lives, and what its owner may do
    Show,
}

/// What is said of a key.
#[derive(Serialize)]
struct Shown {
    name: String,
    key: PublicKey,
    fingerprint: KeyId,
    lives: String,
    /// Whether a `[[person]]` has it.
    listed: bool,
    roles: Vec<Standing>,
}

impl Identity {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        match self {
            Self::Init => init(global, out).await,
            Self::Show => show(global, out).await,
        }
    }
}

async fn init(global: &Global, out: &Out) -> Result<Exit, Failure> {
    // What else is wrong with it must not keep a person from the key that a [[person]] of it needs.
    let config = load_config(global).unwrap_or_else(|_| Config::without_file(env::user().as_deref()));
    if let Some(key) = &config.identity.agent {
        let message = format!("you act with a key of your SSH agent, {key}; `quell identity show` prints it");
        return Err(Failure::new(Exit::Refused, message));
    }
    let path = config.identity.key_file.clone().or_else(boot::usual_key);
    let path = path.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is no place for a key; set HOME, or [identity] key_file")
    })?;
    if path.exists() {
        let message = format!("{} is there already; `quell identity show` prints it", path.display());
        return Err(Failure::new(Exit::Refused, message));
    }
    let shown = describe(&config, &crate::identity::Identity::make(&path)?).await?;
    out.either(&shown, || {
        let first = [
            format!("made {} in {}", shown.fingerprint, shown.lives),
            "put this where your team lists who may do what; with \"approver\" you may be somebody's second person"
                .to_owned(),
        ];
        first.into_iter().chain(table(&shown)).collect()
    });
    Ok(Exit::Ok)
}

async fn show(global: &Global, out: &Out) -> Result<Exit, Failure> {
    let config = load_config(global)?;
    let identity = boot::identity(&config)?
        .ok_or_else(|| Failure::new(Exit::Refused, "you have no key; `quell identity init` makes one"))?;
    let shown = describe(&config, &identity).await?;
    out.either(&shown, || {
        let roles: Vec<&str> = shown.roles.iter().map(|role| role.word()).collect();
        let mut lines = vec![
            format!("name         {}", shown.name),
            format!("key          {}", shown.key),
            format!("fingerprint  {}", shown.fingerprint),
            format!("lives in     {}", shown.lives),
            format!("roles        {}", if roles.is_empty() { "none".to_owned() } else { roles.join(", ") }),
        ];
        if !shown.listed {
            lines.push("no [[person]] of the configuration has this key; this would be yours:".to_owned());
            lines.extend(table(&shown));
        }
        lines
    });
    Ok(Exit::Ok)
}

async fn describe(config: &Config, identity: &crate::identity::Identity) -> Result<Shown, Failure> {
    let key = identity.public().await?;
    let fingerprint = key.id();
    let name = boot::name(config, Some(&fingerprint))?;
    let person = config.setup.people.iter().find(|person| person.key == key);
    Ok(Shown {
        name,
        key,
        fingerprint,
        lives: identity.place(),
        listed: person.is_some(),
        roles: person.map(|person| person.roles.clone()).unwrap_or_default(),
    })
}

/// The lines for the configuration.
fn table(shown: &Shown) -> [String; 4] {
    [
        "[[person]]".to_owned(),
        format!("name = {:?}", shown.name),
        format!("key = \"{}\"", shown.key),
        "roles = [\"responder\"]".to_owned(),
    ]
}
