//! How long a key keeps the console busy while a filter is typed over 100 000 incidents with long texts, and whatever a
//! tick looks into afterwards: nothing else happens meanwhile, so this is how long a person may wait.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quell::console::chord::Chord;
use quell::console::message::Message;
use quell::console::model::{Model, Size};
use quell::domain::incident::Incident;
use quell::domain::time::Time;

use crate::Sheet;
use crate::world::{noon, saying, severity, showing, tell};

/// So many.
const INCIDENTS: u64 = 100_000;
/// Labels as long as the title.
const LABELS: usize = 6;
/// So many have far longer ones: all that a source may say.
const LOUD: u64 = 2_000;
/// What may be waited for, in milliseconds.
const LONGEST: f64 = 16.0;
/// The same as a part of reading through all of them once, in the same run.
const OF_A_READING: f64 = 0.5;

/// Each letter of a word that is found, of one that means letters only, and of one that is nowhere; the way back, and all.
const TYPED: [&str; 4] = ["orders-7", "gtwyrfs", "nowhere", "sev:high lags"];

/// The longest wait for a key, and for what follows it.
pub fn measure(sheet: &mut Sheet) {
    let size = Size { cols: 200, rows: 60 };
    let all: Vec<Arc<Incident>> = (1..=INCIDENTS).map(incident).collect();
    let reading = reading(&all);
    let mut model = showing(size, all);
    let (mut keys, mut ticks) = (Vec::new(), Vec::new());
    let mut now = noon() + Duration::from_secs(10);
    for words in TYPED {
        press(&mut model, &mut now, "/");
        let back = words.chars().map(|_| "backspace".to_owned());
        let letters = words.chars().map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() });
        for key in letters.chain(back) {
            keys.push(press(&mut model, &mut now, &key));
            // A quick person types on before all are looked into.
            for _ in 0..20 {
                if !model.triage.is_sifting() {
                    break;
                }
                now += chrono::TimeDelta::milliseconds(2);
                let began = Instant::now();
                tell(&mut model, now, Message::Ticked);
                ticks.push(began.elapsed().as_secs_f64());
            }
        }
        press(&mut model, &mut now, "esc");
    }
    let worst = |all: &[f64]| all.iter().copied().fold(0.0, f64::max);
    let [key, tick] = [worst(&keys), worst(&ticks)];
    let said = |one: f64| format!("{:.1} ms at most, one reading {:.0} ms", one * 1e3, reading * 1e3);
    sheet.line("filter: a key, in ms", &said(key), key * 1e3, LONGEST);
    sheet.line("filter: what follows it, in ms", &said(tick), tick * 1e3, LONGEST);
    sheet.line(
        "filter: the longer one, of a reading",
        &said(key.max(tick)),
        key.max(tick) / reading,
        OF_A_READING,
    );
}

fn incident(number: u64) -> Arc<Incident> {
    let words =
        "Order gateway of the eastern region refuses connections since the last change, and lags behind";
    let title = match number {
        1..=LOUD => format!("{} Ä {number}", words.repeat(9)),
        _ => format!("{words} ({number})"),
    };
    let more = if number <= LOUD { 8 * LABELS } else { LABELS };
    // As many in a minute as make no storm.
    let since = noon() - Duration::from_secs(60 * (1 + number % 58));
    saying(number, severity(number), since, &title, more)
}

/// Reading every title and label once, for what is nowhere: seconds.
fn reading(all: &[Arc<Incident>]) -> f64 {
    let began = Instant::now();
    let found = all.iter().filter(|incident| {
        let labels = incident.signals.values().flat_map(|signal| signal.labels.raw()).map(|(_, value)| value);
        std::iter::once(incident.title().raw())
            .chain(labels)
            .any(|text| text.to_lowercase().contains("nowhere"))
    });
    assert_eq!(found.count(), 0);
    began.elapsed().as_secs_f64()
}

/// Presses a key: how long that took, in seconds.
fn press(model: &mut Model, now: &mut Time, key: &str) -> f64 {
    *now += chrono::TimeDelta::milliseconds(60);
    let began = Instant::now();
    tell(model, *now, Message::Pressed(Chord::parse(key).unwrap()));
    began.elapsed().as_secs_f64()
}
