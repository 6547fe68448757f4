//! From a configuration to an engine that stands on this machine's ledger.

mod operator;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Global;
use super::failure::{Exit, Failure};
use crate::backend::Backend;
use crate::config::{Config, Problems};
use crate::domain::fault::Fault;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::text::SafeText;
use crate::engine::{Adapters, Ahead, Engine, Setup};
use crate::identity::Identity;
use crate::ledger::live::Live;
use crate::ledger::{Ledger, Stamp};
use crate::net::Api;
use crate::notify::exec::Exec;
use crate::os::clock::{self, Clock};
use crate::os::{env, files};
use crate::{channels, monitors, sources, telemetry};
pub(super) use operator::{identity, name, usual_key};

/// The ledger's name in the state folder.
pub(super) const LEDGER: &str = "ledger.db";

/// The file in the state folder that says which configuration file feeds the ledger.
const FED_BY: &str = "fed-by";

/// A configuration, and where its state stands.
pub(super) struct Boot {
    pub(super) config: Config,
    pub(super) operator: Operator,
    /// The key the operator acts with, if they have one.
    pub(super) identity: Option<Arc<Identity>>,
    pub(super) state: PathBuf,
    /// Why there is no log, where there is none.
    pub(super) log: Result<(), Fault>,
}

/// What an engine is made of, the ledger aside.
struct Parts {
    setup: Setup,
    adapters: Adapters,
    live: Live,
}

impl Boot {
    /// Reads the configuration and makes the state folder.
    pub(super) fn load(global: &Global) -> Result<Self, Failure> {
        let config = load_config(global)?;
        let state = state_folder(global)?;
        Self::at(config, state)
    }

    /// With this configuration, in this folder.
    pub(super) fn at(config: Config, state: PathBuf) -> Result<Self, Failure> {
        files::private_dir(&state)?;
        // What cannot be logged keeps nobody from seeing what burns.
        let log = telemetry::start(&state);
        let identity = operator::identity(&config)?.map(Arc::new);
        let operator = operator::at_this_terminal(&config, identity.as_deref())?;
        Ok(Self { config, operator, identity, state, log })
    }

    /// Where the ledger stands.
    pub(super) fn ledger_path(&self) -> PathBuf {
        self.state.join(LEDGER)
    }

    /// Opens the ledger.
    pub(super) fn ledger(&self) -> Result<Ledger, Failure> {
        Ok(Ledger::open(&self.ledger_path(), &self.config.ids)?.stamped(self.stamp()))
    }

    /// What every record this process writes says of it.
    fn stamp(&self) -> Stamp {
        Stamp {
            host: self.operator.host.clone(),
            pid: std::process::id(),
            version: self.operator.version.clone(),
            up: clock::boottime,
            synced: clock::synchronised,
        }
    }

    /// Opens the ledger and builds the engine; nothing is asked yet.
    pub(super) async fn engine(&self) -> Result<Engine, Failure> {
        self.must_feed_this_ledger()?;
        self.engine_on(self.ledger()?).await
    }

    /// As [`engine`](Self::engine), for who wants to see what can be seen: a ledger that cannot be opened is read as
    /// far as that goes, and says why.
    pub(super) async fn engine_at_any_rate(&self) -> Result<Engine, Failure> {
        self.must_feed_this_ledger()?;
        let ledger = Ledger::open_at_any_rate(&self.ledger_path(), &self.config.ids).await?;
        self.engine_on(ledger.stamped(self.stamp())).await
    }

    async fn engine_on(&self, ledger: Ledger) -> Result<Engine, Failure> {
        let Parts { setup, adapters, live } = self.parts()?;
        Ok(Engine::new(setup, adapters, ledger, live, Clock::system()).await?)
    }

    /// What an engine is made of, the ledger aside.
    fn parts(&self) -> Result<Parts, Failure> {
        let adapters = adapters(&self.config)?;
        let setup = Setup {
            state: self.state.clone(),
            tty: self.operator.tty.clone(),
            configuration: shown(&self.config),
            tables: self.config.tables(),
            ..self.config.setup.clone()
        };
        let live = Live::open(&self.state.join("live.db"));
        // What is lost with them is how fresh things are, and nobody calls fresh what nobody says.
        let live = live.or_else(|why| {
            tracing::warn!(%why, "the live tables stand in memory");
            Live::in_memory()
        });
        let live = live.map_err(|why| Failure::new(Exit::Unreachable, why))?;
        Ok(Parts { setup, adapters, live })
    }

    /// One ledger is fed by one configuration file: another one would clear what the sources said that it does not have.
    fn must_feed_this_ledger(&self) -> Result<(), Failure> {
        let Some(file) = self.config.file.clone().or_else(usual_config) else { return Ok(()) };
        let (file, note) = (place_of(&file).display().to_string(), self.state.join(FED_BY));
        match std::fs::read_to_string(&note) {
            // Empty: whoever is at it has not written it yet.
            Ok(known) if known == file || known.is_empty() => Ok(()),
            Ok(known) => {
                // A ledger beside a named file is the one that is used, whatever the environment says.
                let own = if Path::new(&file).parent() == place_of(&note).parent() {
                    "a folder of its own"
                } else {
                    "a state folder of its own with XDG_STATE_HOME"
                };
                Err(Failure::new(
                    Exit::Usage,
                    format!(
                        "the ledger in {} is fed by {known}; give {file} {own}, or remove {} if it takes that one's place",
                        self.state.display(),
                        note.display()
                    ),
                ))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if nothing_watched(&self.config).is_none()
                    && let Err(fault) = files::write_private(&note, file.as_bytes())
                {
                    // Where this cannot be written, nothing can be fed either.
                    tracing::warn!(why = %fault.detail.safe(), "who feeds this ledger was not written down");
                }
                Ok(())
            }
            Err(error) => {
                let why = format!("{} cannot be read: {error}; mend or remove it", note.display());
                Err(Failure::new(Exit::Usage, why))
            }
        }
    }

    /// An incident that somebody takes or escalates, without a wait for any source where it is known and open; else they
    /// are asked what is meant, and whether it burns again.
    pub(super) async fn incident_at_once(&self, engine: &Engine, id: &str) -> Result<Arc<Incident>, Failure> {
        if let Ok(known) = engine.incident(&self.operator, id).await
            && known.incident.phase.is_open()
        {
            return Ok(known.incident);
        }
        engine.stand_in().await;
        Ok(engine.incident(&self.operator, id).await?.incident)
    }

    /// An engine for a command that answers once, with data that is not older than two intervals if anybody answers.
    pub(super) async fn fresh_engine(&self) -> Result<Engine, Failure> {
        self.must_feed_this_ledger()?;
        let Parts { setup, adapters, live } = self.parts()?;
        let clock = Clock::system();
        // Most of the time is that of the sources: the ledger is read meanwhile.
        let ahead = Ahead::begin(&setup, &adapters, &live, &clock).await;
        let engine = Engine::new(setup, adapters, self.ledger()?, live, clock).await?;
        engine.stand_in_after(ahead).await;
        Ok(engine)
    }
}

/// Reads the configuration the command line names, or the usual one.
pub(super) fn load_config(global: &Global) -> Result<Config, Problems> {
    Config::load(global.config.as_deref(), usual_config().as_deref(), env::user().as_deref(), env::var)
}

/// Where the configuration usually stands.
pub(super) fn usual_config() -> Option<PathBuf> {
    Some(env::config_home()?.join("quell/config.toml"))
}

/// The state folder: beside a named configuration where a ledger stands there (the demo's), else the user's.
pub(super) fn state_folder(global: &Global) -> Result<PathBuf, Failure> {
    let folder = global.config.as_deref().map(folder_of);
    let beside = folder.filter(|dir| dir.join(LEDGER).exists());
    match (beside, env::state_home()) {
        (Some(dir), _) => std::path::absolute(dir).map_err(|error| {
            Failure::new(Exit::Usage, format!("the folder of --config cannot be named: {error}"))
        }),
        (None, Some(home)) => Ok(home.join("quell")),
        (None, None) => {
            Err(Failure::new(Exit::Usage, "there is no place for the ledger; set HOME or XDG_STATE_HOME"))
        }
    }
}

/// The folder a file stands in; a bare name stands here.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file's one name, however it was written: its folder as it really is. The file itself may be a link to another
/// from one day to the next.
fn place_of(file: &Path) -> PathBuf {
    let named = || Some(std::fs::canonicalize(folder_of(file)).ok()?.join(file.file_name()?));
    named().or_else(|| std::path::absolute(file).ok()).unwrap_or_else(|| file.to_owned())
}

/// Builds every adapter. That each can be built was seen when the configuration was read.
pub(super) fn adapters(config: &Config) -> Result<Adapters, Fault> {
    let mut adapters = Adapters::default();
    for settings in &config.sources {
        adapters.sources.push(Arc::from(sources::build(settings, &config.apis, env::var)?));
    }
    for settings in &config.monitors {
        adapters.monitors.push(Arc::from(monitors::build(settings, env::var)?));
    }
    for source in &adapters.sources {
        if let Some(api) = source.api() {
            adapters.apis.insert(api.name().to_owned(), api);
        }
    }
    for settings in &config.channels {
        let channel = channels::build(settings, env::var)?;
        adapters.channels.insert(settings.name().to_owned(), Arc::from(channel));
    }
    for settings in &config.apis {
        let api = Api::new(settings, env::var)?;
        adapters.apis.insert(settings.name.clone(), api);
    }
    adapters.exec = Exec::new(&config.notify)?.map(Arc::new);
    Ok(adapters)
}

/// The configuration as `config show` prints it: no secret is in it.
fn shown(config: &Config) -> String {
    config.settings.iter().map(|setting| format!("{}\n", SafeText::display(&setting.to_string()))).collect()
}

/// What to say of a configuration that watches nothing.
pub(super) fn nothing_watched(config: &Config) -> Option<String> {
    let nothing = config.sources.is_empty() && config.monitors.is_empty();
    nothing.then(|| "nothing is watched: add a [[source]] or [[monitor]]".to_owned())
}
