//! From a file, as typed, to a configuration, as meant. All that is wrong with the file is told at once.

mod bulletin;
mod calendar;
mod carry;
mod check;
mod dead_man;
mod guard;
mod keys;
mod monitor;
mod notices;
mod people;
mod permission;
mod playbook;
mod problem;
mod response;
mod shape;
mod show;
mod source;
mod tables;
mod trial;
mod value;
mod walk;

use std::path::{Path, PathBuf};

use toml::de::DeTable;

pub use problem::{Place, Problem, Problems};
pub(crate) use shape::nearest;
pub use show::{Origin, Setting};

use crate::console::keymap::Keymap;
use crate::console::look::Look;
use crate::console::views::View;
use crate::domain::id::is_prefix;
use crate::engine::Setup;
use crate::net::{ApiSettings, Environment};
use crate::{channels, identity, monitors, notify, sources};
use walk::Walk;

/// The file `quell config init` writes.
pub const STARTER: &str = include_str!("../assets/config.toml");
/// What ids begin with when the operator's name gives nothing.
const NO_PREFIX: &str = "OPS";

/// A configuration as meant.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// Who sits at this console.
    pub operator: String,
    /// Whether the file says so; otherwise who the key belongs to goes before the machine's user.
    pub is_operator_said: bool,
    /// Where their key is.
    pub identity: identity::Settings,
    /// What the ids of a new ledger begin with.
    pub ids: String,
    /// Incident backends.
    pub sources: Vec<sources::Settings>,
    /// Endpoints to probe.
    pub monitors: Vec<monitors::Settings>,
    /// Hosts that playbooks call.
    pub apis: Vec<ApiSettings>,
    /// Ways to reach other people.
    pub channels: Vec<channels::Settings>,
    /// Ways to reach the operator.
    pub notify: notify::Settings,
    /// Whom a wall tells that it lives.
    pub dead_man: Option<notify::dead_man::Settings>,
    /// In which colours it is drawn.
    pub look: Look,
    /// The program that shows a link; empty where the desktop's own does.
    pub open: Vec<String>,
    /// Which key asks for which command.
    pub keymap: Keymap,
    /// Saved views, by their digits.
    pub views: Vec<View>,
    /// What the engine is configured with; where its state stands is not for the file to say.
    pub setup: Setup,
    /// Entries of calendars' files that are no holidays, a sentence each.
    pub skipped: Vec<String>,
    /// Every value with where it came from.
    pub settings: Vec<Setting>,
}

impl Config {
    /// The configuration when there is no file.
    pub fn without_file(user: Option<&str>) -> Self {
        let operator = user.filter(|user| value::is_operator(user)).unwrap_or("operator").to_owned();
        Self {
            file: None,
            ids: prefix_of(&operator),
            operator,
            is_operator_said: false,
            identity: identity::Settings::default(),
            sources: Vec::new(),
            monitors: Vec::new(),
            apis: Vec::new(),
            channels: Vec::new(),
            notify: notify::Settings::default(),
            dead_man: None,
            look: Look::default(),
            open: Vec::new(),
            keymap: Keymap::default(),
            views: Vec::new(),
            setup: Setup::default(),
            skipped: Vec::new(),
            settings: Vec::new(),
        }
    }

    /// Reads the file `given`, or else the one at `usual` if there is one; `user` is the operator unless it says
    /// otherwise. Adapters are built from it with `environment`, to see whether they can be.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(
        given: Option<&Path>,
        usual: Option<&Path>,
        user: Option<&str>,
        environment: Environment,
    ) -> Result<Self, Problems> {
        let Some(path) = given.or_else(|| usual.filter(|path| path.exists())) else {
            return Self::read("", "default", user);
        };
        let file = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(Problems::one(file, "the file is not UTF-8", "save it as UTF-8"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::IsADirectory => {
                let remedy = format!("name a file in it, like {}", path.join("config.toml").display());
                return Err(Problems::one(file, "this is a folder, not a configuration file", remedy));
            }
            Err(error) => {
                let remedy = format!("`quell --config {file} config init` writes a first one");
                return Err(Problems::one(file, format!("the file cannot be read: {error}"), remedy));
            }
        };
        let mut config = Self::parse(&text, &file, user, Some((path, environment)))?;
        config.file = Some(path.to_owned());
        Ok(config)
    }

    /// Reads the text of a file called `file`; looks at nothing else on this machine.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(text: &str, file: &str, user: Option<&str>) -> Result<Self, Problems> {
        Self::parse(text, file, user, None)
    }

    fn parse(
        text: &str,
        file: &str,
        user: Option<&str>,
        machine: Option<(&Path, Environment)>,
    ) -> Result<Self, Problems> {
        let mut config = Self::without_file(user);
        let mut walk = Walk::new(text, file);
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            // In what cannot be read, nobody knows where a secret stands.
            walk.hide(0..text.len());
        }
        for error in &errors {
            walk.wrong(error.span().unwrap_or_default(), error.message().replace('\n', "; "), "");
        }
        let root = root.into_inner();
        if errors.is_empty() {
            walk.root(&root, &keys::ROOT);
            check::read(&mut walk, &root, &mut config, machine.map(|(_, environment)| environment));
            if let Some((path, _)) = machine {
                permission::check(&mut walk, &root, path);
            }
        }
        if walk::get(&root, "ids").is_none() {
            config.ids = prefix_of(&config.operator);
            walk.setting("", "ids", format!("\"{}\"", config.ids), Origin::Default);
        }
        if walk::get(&root, "operator").is_none() {
            let origin = if user == Some(&config.operator) { Origin::Environment } else { Origin::Default };
            walk.setting("", "operator", format!("\"{}\"", config.operator), origin);
        }
        let (list, settings) = walk.finish();
        config.settings = settings;
        config.settings.sort_by(|a, b| a.key.cmp(&b.key));
        if list.is_empty() { Ok(config) } else { Err(Problems { file: file.to_owned(), list }) }
    }
}

/// The prefix an operator's name gives: its letters and digits, in capitals.
fn prefix_of(operator: &str) -> String {
    let all = operator.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase());
    let prefix: String = all.skip_while(char::is_ascii_digit).take(8).collect();
    if is_prefix(&prefix) { prefix } else { NO_PREFIX.to_owned() }
}

#[cfg(test)]
mod tests;
