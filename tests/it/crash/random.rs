//! Two hundred deaths at random moments, of quells that act and of those that find what others left.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use quell::domain::category::Category;
use quell::domain::opening::Opening;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::signal::Labels;
use quell::domain::text::Outside;
use quell::ledger::{Draft, Ledger};
use serde_json::json;

use super::invariants::{self, Action};
use crate::support::exchange::Exchange;
use crate::support::scratch::Scratch;

/// How many are killed.
const DEATHS: usize = 200;
/// How many machines at once; each has a ledger of its own.
const MACHINES: u64 = 3;

/// Chance that can be repeated: xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }

    fn of(&mut self, span: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(span.as_micros()).unwrap()))
    }
}

/// A machine with more incidents than it will need, one account to freeze for each.
struct Machine<'a> {
    exchange: &'a Exchange,
    scratch: Scratch,
    number: u64,
    chance: Chance,
    /// Incidents used so far.
    used: u64,
    /// How long a containment takes when nobody dies.
    usual: Duration,
}

impl<'a> Machine<'a> {
    fn new(exchange: &'a Exchange, number: u64, seed: u64) -> Self {
        let scratch = exchange.machine("2s", "");
        scratch.run(&["list"]).ok();
        let chance = Chance((seed ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut machine = Self { exchange, scratch, number, chance, used: 0, usual: Duration::ZERO };
        machine.open_incidents();
        for _warm in 0..2 {
            let began = Instant::now();
            assert!(machine.contain().status().unwrap().success());
            machine.usual = began.elapsed();
        }
        machine
    }

    fn account(&self, incident: u64) -> String {
        format!("{}{incident:04}", self.number)
    }

    fn open_incidents(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ledger = Ledger::open(&self.scratch.state().join("ledger.db"), "ANA").unwrap();
        let now = chrono::Utc::now();
        let opening = |incident| Opening {
            title: Outside::new("Log-ins from four countries"),
            severity: Severity::High,
            unmapped: false,
            category: Category::UnauthorizedAccess,
            service: Outside::new("auth"),
            group: None,
            signal: None,
            because: Outside::new("opened by ana"),
            labels: Labels::from([(Outside::new("account_id"), Outside::new(self.account(incident)))]).into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let ana = Actor::Person(Operator::new("ana", "bastion"));
        let draft = |n| Draft::opening(ana.clone(), now, Entry::Opened(Box::new(opening(n))));
        runtime.block_on(ledger.append((1..=DEATHS as u64).map(draft).collect())).unwrap();
    }

    /// Freezes the next account.
    fn contain(&mut self) -> Command {
        self.used += 1;
        let account = self.account(self.used);
        self.exchange.ask("PUT", &format!("/admin/accounts/{account}"), "");
        let id = self.used.to_string();
        let mut command =
            self.scratch.quell(&["contain", &id, "freeze-account", "--confirm-target", &account]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Whether it was killed before it ended by itself, and what it had printed.
    fn killed(&mut self, mut command: Command) -> (bool, String) {
        let mut child: Child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // The second half is where it acts: half of the deaths are there.
        let whole = self.usual * 11 / 10;
        let late = if self.chance.below(2) == 0 { whole / 2 } else { Duration::ZERO };
        let moment = Instant::now() + late + self.chance.of(whole - late);
        while Instant::now() < moment {
            std::thread::park_timeout(moment - Instant::now());
        }
        child.kill().unwrap();
        let mut printed = String::new();
        child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        (child.wait().unwrap().code().is_none(), printed)
    }

    fn hold(&self) -> Vec<Action> {
        let mine = self.number.to_string();
        invariants::hold(&self.scratch.state().join("ledger.db"), self.exchange, "freeze", &mine)
    }

    /// One containment that may die, and one restart that may die as well; how many did, and how it left the action.
    fn round(&mut self) -> (usize, Option<String>) {
        let contain = self.contain();
        let (died, printed) = self.killed(contain);
        let incident = format!("ANA-{}", self.used);
        let mine = |actions: Vec<Action>| actions.into_iter().find(|action| action.name.0 == incident);
        let left = mine(self.hold());
        if printed.contains("VERIFIED") {
            assert_eq!(left.as_ref().map(Action::stage), Some("verified"), "said and not written: {printed}");
        }
        let mut deaths = usize::from(died);
        if self.chance.below(3) == 0 {
            let mut restart = self.scratch.quell(&["list"]);
            restart.stdin(Stdio::null());
            deaths += usize::from(self.killed(restart).0);
            self.hold();
        }
        (deaths, died.then(|| left.map_or("nothing".to_owned(), |action| action.stage().to_owned())))
    }

    /// Everything that died is found, and nothing is sent by that.
    fn recovers(&self) {
        let calls = self.exchange.calls().len();
        self.scratch.run(&["list"]).ok();
        for action in self.hold() {
            assert!(!["intended", "sent"].contains(&action.stage()), "nobody found it: {action:#?}");
        }
        assert_eq!(self.exchange.calls().len(), calls, "something was sent by itself");
        self.scratch.run(&["ledger", "verify"]).ok();
    }
}

#[test]
fn two_hundred_deaths_at_random_moments_do_nothing_twice_and_nothing_unwritten() {
    let seed = std::env::var("QUELL_SEED").ok().map_or_else(
        || chrono::Utc::now().timestamp_micros().cast_unsigned(),
        |seed| seed.parse().expect("QUELL_SEED is a number"),
    );
    eprintln!("QUELL_SEED={seed}");
    let exchange = Exchange::start();
    // What takes no time is never died in.
    exchange.misbehave("POST", "/admin/accounts", u32::MAX, json!({ "delay_ms": 20 }));
    exchange.misbehave("GET", "/admin/accounts", u32::MAX, json!({ "delay_ms": 5 }));
    let deaths = AtomicUsize::new(0);
    let machines: Vec<(Machine<'_>, BTreeMap<String, usize>)> = std::thread::scope(|scope| {
        let spend = |number| {
            let (exchange, deaths) = (&exchange, &deaths);
            scope.spawn(move || {
                let mut machine = Machine::new(exchange, number, seed);
                let mut left = BTreeMap::new();
                while deaths.load(Ordering::SeqCst) < DEATHS {
                    let (died, stage) = machine.round();
                    deaths.fetch_add(died, Ordering::SeqCst);
                    if let Some(stage) = stage {
                        *left.entry(stage).or_insert(0) += 1;
                    }
                }
                (machine, left)
            })
        };
        let all: Vec<_> = (1..=MACHINES).map(spend).collect();
        all.into_iter().map(|machine| machine.join().unwrap()).collect()
    });
    let mut left = BTreeMap::<&str, usize>::new();
    for (machine, found) in &machines {
        machine.recovers();
        found.iter().for_each(|(stage, count)| *left.entry(stage).or_default() += count);
    }
    eprintln!("{} deaths left: {left:?}", deaths.load(Ordering::SeqCst));
    // Deaths that all come too early, or too late, would show nothing.
    assert!(left.contains_key("nothing") && left.contains_key("sent"), "{left:?}");
}
