//! A console with as many incidents as are asked for, without an engine.

use std::sync::Arc;
use std::time::Duration;

use quell::backend::{ActionsNow, Changes, Holder};
use quell::console::keymap::Keymap;
use quell::console::message::Message;
use quell::console::model::{Model, Settings, Size};
use quell::console::update;
use quell::domain::category::Category;
use quell::domain::freshness::SourceStatus;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::Incident;
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::Actor;
use quell::domain::record::{Entry, FORMAT, Record};
use quell::domain::sensitive::Said;
use quell::domain::severity::Severity;
use quell::domain::signal::{Labels, SignalKey};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

/// When these consoles begin.
pub fn noon() -> Time {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A console that shows this many incidents, none of them critical.
pub fn console(size: Size, incidents: u64) -> Model {
    showing(size, (1..=incidents).map(one_of_many).collect())
}

/// A few each minute, so that every age in sight ticks, and so few that no storm folds them.
pub fn one_of_many(number: u64) -> Arc<Incident> {
    opened(number, severity(number), noon() - Duration::from_secs(60 * (1 + number % 58)))
}

/// How bad the incident with this number is.
pub fn severity(number: u64) -> Severity {
    if number.is_multiple_of(3) { Severity::High } else { Severity::Normal }
}

/// A console that shows these.
pub fn showing(size: Size, incidents: Vec<Arc<Incident>>) -> Model {
    let settings = Settings {
        operator: "ana".into(),
        config: "config.toml".into(),
        reviews: "reviews".into(),
        build: String::new(),
        remark: None,
        opener: None,
        keymap: Keymap::default(),
        views: Vec::new(),
    };
    let mut model = Model::new(settings, size, noon());
    tell(&mut model, noon(), Message::Started { open: None });
    tell(&mut model, noon(), Message::Changed(Box::new(changes(incidents, noon()))));
    model
}

/// A new incident is in the next answer of the engine.
pub fn opens(model: &mut Model, number: u64, severity: Severity, now: Time) {
    tell(model, now, Message::Changed(Box::new(changes(vec![opened(number, severity, now)], now))));
}

/// Something has happened.
pub fn tell(model: &mut Model, now: Time, message: Message) {
    drop(update(model, now, message));
}

fn changes(incidents: Vec<Arc<Incident>>, now: Time) -> Changes {
    let source = SourceStatus { as_of: Some(now), ..SourceStatus::never("prod-am", Span::mins(60)) };
    Changes {
        cursor: Cursor::default(),
        incidents,
        removed: Vec::new(),
        sources: vec![source],
        monitors: Vec::new(),
        notices: Vec::new(),
        watch: None,
        handed: None,
        holder: Some(Holder { pid: 1, tty: None, here: true, beat: Some(now) }),
        actions: ActionsNow::On,
        ledger: None,
        deaf: None,
        now,
    }
}

fn opened(number: u64, severity: Severity, at: Time) -> Arc<Incident> {
    saying(number, severity, at, &title(number), 0)
}

/// An incident with a long title, and so many labels besides, each as long.
pub fn saying(number: u64, severity: Severity, at: Time, title: &str, more: usize) -> Arc<Incident> {
    let service = Outside::new(format!("orders-{}", number % 40));
    let mut labels = Labels::from([
        (Outside::new("service"), service.clone()),
        (Outside::new("pod"), Outside::new(format!("gw-{number}"))),
        (Outside::new("region"), Outside::new("eu-1")),
    ]);
    for place in 0..more {
        labels.insert(Outside::new(format!("note_{place}")), Outside::new(format!("{place}: {title}")));
    }
    let title = Outside::new(title);
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new(number.to_string()) };
    let signal = Joining {
        sensitive: Said::new(),
        key,
        title: title.clone(),
        severity,
        unmapped: false,
        labels: (&labels).into(),
        since: at,
        policy: None,
        held_by: None,
        watched: false,
    };
    let opening = Opening {
        title,
        severity,
        unmapped: false,
        category: Category::Outage,
        service,
        group: None,
        signal: Some(Box::new(signal)),
        because: Outside::new("severity=page"),
        labels: labels.into(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    };
    let incident = Some(IncidentId::new("INC", number));
    let entry = Entry::Opened(Box::new(opening));
    let record = Record { v: FORMAT, on: None, seq: number, at, by: Actor::Engine, incident, entry };
    Arc::new(Incident::open(&record).unwrap())
}

/// What stands in the row of an incident.
pub fn title(number: u64) -> String {
    format!("Consumer {number} of orders-{} lags by {} messages", number % 40, number * 17)
}
