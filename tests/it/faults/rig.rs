//! A real engine with configured sources and monitors, and the screen a person has of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quell::backend::{Backend, Changes};
use quell::config::Config;
use quell::console::keymap::Keymap;
use quell::console::message::Message;
use quell::console::model::{Model, Settings, Size};
use quell::console::update;
use quell::domain::freshness::SourceStatus;
use quell::domain::id::Cursor;
use quell::domain::operator::Operator;
use quell::domain::record::Record;
use quell::domain::time::Time;
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::os::clock::Clock;
use quell::view::{self, Theme};
use quell::{monitors, sources};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::sources::contract::SECRET;
use crate::support::scratch::Scratch;

/// How long anything may take: a hang is given up after ten seconds.
const BOUND: Duration = Duration::from_secs(40);
/// Nobody may ask for an answer at once more often.
const HURRY: Duration = Duration::from_secs(2);
const SIZE: Size = Size { cols: 160, rows: 24 };

/// A machine with an engine that polls.
pub struct Rig {
    pub engine: Engine,
    pub ana: Operator,
    _machine: Scratch,
    clock: Clock,
    began: Time,
}

/// What a person sees.
#[derive(Debug)]
pub struct Screen(Vec<String>);

impl Screen {
    /// Line 2: the state of every source.
    pub fn sources(&self) -> &str {
        &self.0[1]
    }

    /// Line 3.
    pub fn banner(&self) -> &str {
        &self.0[2]
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.0.join("\n")
    }
}

impl Rig {
    /// A configuration with these tables, by the machine's clock.
    pub async fn watching(tables: &str) -> Self {
        Self::by(Clock::system(), tables).await
    }

    /// The same, by this clock.
    pub async fn by(clock: Clock, tables: &str) -> Self {
        let machine = Scratch::with_config(&format!("operator = \"ana\"\nids = \"ANA\"\n{tables}"));
        let environment = |name: &str| (name == "TOKEN").then(|| SECRET.to_owned());
        let config = Config::load(Some(&machine.config_file()), None, None, environment);
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        let mut adapters = Adapters::default();
        for settings in &config.sources {
            adapters.sources.push(Arc::from(sources::build(settings, &config.apis, environment).unwrap()));
        }
        for settings in &config.monitors {
            adapters.monitors.push(Arc::from(monitors::build(settings, environment).unwrap()));
        }
        let state = machine.path("state");
        let ledger = Ledger::open(&state.join("ledger.db"), "ANA").unwrap();
        let live = Live::open(&state.join("live.db")).unwrap();
        let setup = Setup { state, ..config.setup };
        let engine = Engine::new(setup, adapters, ledger, live, clock.clone()).await.unwrap();
        engine.start();
        let began = clock.now();
        Self { engine, ana: Operator::new("ana", "bastion"), _machine: machine, clock, began }
    }

    /// Everything that is known now.
    pub async fn changes(&self) -> Changes {
        self.engine.changes(&self.ana, &Cursor::default(), Duration::ZERO).await.unwrap()
    }

    /// The screen of a console that began with the engine and knows this.
    pub fn shows(&self, changes: &Changes) -> Screen {
        let settings = Settings {
            operator: "ana".into(),
            config: "config.toml".into(),
            reviews: "reviews".into(),
            build: String::new(),
            remark: None,
            keymap: Keymap::default(),
            views: Vec::new(),
            opener: None,
        };
        let mut model = Model::new(settings, SIZE, self.began);
        update(&mut model, self.began, Message::Started { open: None });
        update(&mut model, self.clock.now(), Message::Changed(Box::new(changes.clone())));
        let mut terminal = Terminal::new(TestBackend::new(SIZE.cols, SIZE.rows)).unwrap();
        terminal.draw(|frame| view::draw(&model, &Theme::default(), self.clock.now(), frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let line = |y: u16| (0..SIZE.cols).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        Screen((0..SIZE.rows).map(|y| line(y).trim_end().to_owned()).collect())
    }

    /// What a console that looks now shows.
    pub async fn screen(&self) -> Screen {
        self.shows(&self.changes().await)
    }

    /// Waits until the screen is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Screen {
        self.look(what, None, wanted).await
    }

    /// The same, with somebody who asks for answers as often as that is allowed.
    pub async fn hurried_until(&self, what: &str, wanted: impl Fn(&Screen) -> bool) -> Screen {
        self.look(what, Some(HURRY), wanted).await
    }

    async fn look(&self, what: &str, hurry: Option<Duration>, wanted: impl Fn(&Screen) -> bool) -> Screen {
        let began = Instant::now();
        let mut hurried = None;
        loop {
            let screen = self.screen().await;
            if wanted(&screen) {
                return screen;
            }
            assert!(began.elapsed() < BOUND, "never saw {what}:\n{}", screen.text());
            if hurry.is_some_and(|every| hurried.is_none_or(|at: Instant| at.elapsed() >= every)) {
                self.engine.refresh(&self.ana).await.unwrap();
                hurried = Some(Instant::now());
            }
            let cursor = self.changes().await.cursor;
            drop(self.engine.changes(&self.ana, &cursor, Duration::from_millis(100)).await.unwrap());
        }
    }

    /// Waits until what is known is as wanted.
    pub async fn changed<T>(&self, what: &str, wanted: impl Fn(&Changes) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let changes = self.changes().await;
            if let Some(found) = wanted(&changes) {
                return found;
            }
            assert!(began.elapsed() < BOUND, "never saw {what}: {changes:#?}");
            drop(self.engine.changes(&self.ana, &changes.cursor, Duration::from_millis(100)).await.unwrap());
        }
    }

    /// What is known of a source once that is as wanted.
    pub async fn source(&self, name: &str, wanted: impl Fn(&SourceStatus) -> bool) -> SourceStatus {
        self.changed(name, |changes| {
            changes.sources.iter().find(|source| source.name == name && wanted(source)).cloned()
        })
        .await
    }

    /// Everything that was written down.
    pub async fn records(&self) -> Vec<Record> {
        self.engine.records(&self.ana, 1, 10_000).await.unwrap()
    }

    /// What its clock says.
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

/// A `[[source]]` for an Alertmanager there that is asked so often.
pub fn alertmanager(name: &str, every: &str, url: &str) -> String {
    format!(
        "[[source]]\nkind = \"alertmanager\"\nname = \"{name}\"\nevery = \"{every}\"\nurls = [\"{url}\"]\n"
    )
}
