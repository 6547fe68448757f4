//! `quell doctor`: the configuration, every source and every way to reach the operator, and why one does not work.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::Global;
use super::boot::{self, Boot};
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::Found;
use crate::domain::text::{Outside, SafeText};
use crate::domain::version::VERSION;
use crate::ledger::Ledger;
use crate::ledger::chain::{self, Verdict};
use crate::monitors::Asked;
use crate::notify::dead_man::{self, DeadMan};
use crate::notify::exec::Exec;
use crate::notify::{Ladder, Popup, Rung, Surroundings};
use crate::os::{clock, env};
use crate::sources::{Polled, Source};

/// The terminal of this process, wherever what it prints goes.
const TERMINAL: &str = "/dev/tty";
/// How long one source may take.
const AT_MOST: Duration = Duration::from_secs(5);

/// Variables by which most programs find a proxy.
const PROXIES: [&str; 6] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// One thing that was tried.
#[derive(Serialize)]
struct Finding {
    what: String,
    works: bool,
    detail: String,
    /// What a line about it begins with.
    #[serde(skip)]
    word: &'static str,
}

impl Finding {
    fn of(what: impl Into<String>, tried: Result<String, String>) -> Self {
        let works = tried.is_ok();
        let word = if works { "ok" } else { "not available" };
        Self { what: what.into(), works, detail: tried.unwrap_or_else(|why| why), word }
    }
}

/// `quell doctor [--notify]`.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Send a test by every way to reach you
    #[arg(long)]
    notify: bool,
}

impl Doctor {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        look(self.notify, global, out).await
    }
}

async fn look(notify: bool, global: &Global, out: &Out) -> Result<Exit, Failure> {
    let boot = Boot::load(global)?;
    let adapters = boot::adapters(&boot.config)?;
    let file = boot.config.file.as_ref().map(|file| file.display().to_string());
    let file = file.unwrap_or_else(|| "none; `quell config init` writes a first one".to_owned());
    let mut findings =
        vec![Finding::of("quell", Ok(VERSION.to_owned())), Finding::of("configuration", Ok(file))];
    findings.push(Finding::of("ledger", ledger(&boot)));
    let log = boot.log.clone().map(|()| format!("in {}", boot.state.display()));
    findings.push(Finding::of("log", log.map_err(|fault| fault.detail.safe().to_string())));
    if let Some(identity) = &boot.identity {
        let held = identity.public().await.map(|key| format!("{}, {}", key.id(), identity.place()));
        findings.push(Finding::of("identity", held.map_err(|fault| fault.detail.safe().to_string())));
    }
    for source in &adapters.sources {
        let asked = tokio::time::timeout(AT_MOST, source.poll(clock::now())).await;
        let tried = match asked {
            Ok(Ok(polled)) => Ok(said(source.as_ref(), polled)),
            Ok(Err(fault)) => Err(fault.detail.safe().to_string()),
            Err(_) => Err(format!("no answer within {} s", AT_MOST.as_secs())),
        };
        findings.push(Finding::of(format!("source {}", source.name()), tried));
    }
    for (watch, monitor) in boot.config.setup.watches.iter().zip(&adapters.monitors) {
        let probed = tokio::time::timeout(AT_MOST, monitor.probe(&Asked::first(clock::now()))).await;
        let tried = match probed {
            Ok(Found::Right(says)) => Ok(format!("up, {}", says.safe())),
            Ok(Found::Early(_)) => Ok("quell beat feeds it".to_owned()),
            Ok(Found::Wrong(wrong)) => Err(wrong.safe().to_string()),
            Ok(Found::Unseen(fault) | Found::Busy(fault)) => Err(fault.detail.safe().to_string()),
            Err(_) => Err(format!("no answer within {} s", AT_MOST.as_secs())),
        };
        findings.push(Finding::of(format!("monitor {}", watch.name), tried));
    }
    if let Some(settings) = &boot.config.dead_man {
        findings.push(Finding::of("dead man's switch", switch(settings).await));
    }
    let surroundings = Surroundings::read(env::var).await;
    let ladder = Ladder::new(&boot.config.notify, &surroundings);
    let exec = adapters.exec.as_deref();
    let rungs = if notify { sent(&ladder, exec).await } else { ladder.test(exec).await };
    let ways: Vec<Finding> = rungs
        .into_iter()
        .map(|rung| Finding::of(format!("way to reach you, {}", rung.name), rung.tested))
        .collect();
    // None of what follows is a failure: the banner and the bell are always there.
    let works = findings.iter().all(|finding| finding.works);
    findings.extend(ways);
    let unwatched = boot::nothing_watched(&boot.config);
    findings.extend(surroundings.freezes().await.into_iter().map(|seen| {
        let word = if seen.is_ok() { "note" } else { "warning" };
        Finding { word, ..Finding::of("a screen that stands still", seen) }
    }));
    findings.extend(surprises());
    findings.extend(unwatched.map(|hint| Finding { word: "warning", ..Finding::of("watch", Err(hint)) }));
    out.either(&findings, || findings.iter().map(line).collect());
    Ok(if works { Exit::Ok } else { Exit::Unreachable })
}

/// Whether a wall could hold the dead man's switch.
async fn switch(settings: &dead_man::Settings) -> Result<String, String> {
    let test = async { DeadMan::new(settings, env::var)?.test().await };
    match tokio::time::timeout(AT_MOST, test).await {
        Ok(tried) => tried.map(str::to_owned).map_err(|fault| fault.detail.safe().to_string()),
        Err(_) => Err(format!("no answer within {} s", AT_MOST.as_secs())),
    }
}

/// What became of a test on every rung.
async fn sent(ladder: &Ladder, exec: Option<&Exec>) -> Vec<Rung> {
    let (mut rungs, bytes) = ladder.try_all(&Popup::test(), exec, clock::now()).await;
    let terminal = std::fs::OpenOptions::new().write(true).open(TERMINAL);
    if terminal.and_then(|mut terminal| terminal.write_all(&bytes)).is_err() {
        for rung in rungs.iter_mut().filter(|rung| rung.is_of_terminal() && rung.tested.is_ok()) {
            rung.tested =
                Err("there is no terminal to send it to; run this in the one you sit at".to_owned());
        }
    }
    rungs
}

/// What other programs would be led elsewhere by, and quell is not.
fn surprises() -> impl Iterator<Item = Finding> {
    let set = PROXIES.into_iter().filter(|name| env::var(name).is_some_and(|it| !it.is_empty()));
    set.map(|name| {
        let said = format!("{name} is set and not followed; write proxy = \"…\" where one is meant");
        Finding { word: "warning", ..Finding::of("proxy", Err(said)) }
    })
}

/// What a source that answered says.
fn said(source: &dyn Source, Polled { answer, vitals, .. }: Polled) -> String {
    let (now, signals) = (clock::now(), answer.as_ref().map_or(0, |it| it.signals.len()));
    let status = SourceStatus {
        as_of: Some(now),
        left_out: answer.as_ref().map_or(0, |it| it.left_out),
        watchdog_missing: answer.map(|it| it.missing(source.schedule().watchdog)).unwrap_or_default(),
        vitals,
        ..SourceStatus::never(source.name(), source.schedule().every)
    };
    let left_out = (status.left_out > 0).then(|| format!(", {} left out", status.left_out));
    let missing =
        status.watchdog_missing.iter().map(|name| format!("; {} is not firing", SafeText::exact(name)));
    let remarks = status.vitals.remarks.iter().map(|remark| format!("; {}", remark.text.safe()));
    let beside: String = left_out.into_iter().chain(missing).chain(remarks).collect();
    format!("{}, {signals} signals{beside}", status.state(now).word())
}

fn ledger(boot: &Boot) -> Result<String, String> {
    let path = boot.ledger_path();
    let shown = path.display();
    if !path.exists() {
        return Ok(format!("{shown} is made when the console first starts"));
    }
    match chain::verify(&path).map_err(|error| error.to_string())? {
        Verdict::Intact { records, .. } => {
            let opened =
                Ledger::open(&path, &boot.config.ids).and_then(|ledger| ledger.trouble().map_or(Ok(()), Err));
            opened.map_err(|why| why.to_string())?;
            Ok(format!("{shown}, {records} records, every link holds"))
        }
        Verdict::Bad { seq, why } => Err(format!("{shown}: record {seq} is not as it was written: {why}")),
    }
}

fn line(finding: &Finding) -> String {
    format!("{:<13} {}: {}", finding.word, finding.what, Outside::new(finding.detail.clone()).safe())
}
