//! A line of text that is asked for.

use super::{alike, gates, snooze, verbs};
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::model::Model;
use crate::console::page::own;
use crate::console::prompt::{Asks, Change, Prompt, Text};
use crate::console::recording::Recording;
use crate::domain::action::Settlement;
use crate::domain::phase::Phase;
use crate::domain::record::{BulletinSettled, CloseReason, Entry};
use crate::domain::time::Time;

pub(super) fn typing(model: &mut Model, at: Time, chord: Chord, mut text: Text) -> Vec<Effect> {
    let breaks =
        matches!((chord.ctrl, chord.alt, chord.key), (true, _, Key::Char('j')) | (_, true, Key::Enter));
    if breaks && text.keeps_lines() {
        text.field.break_line();
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    if let Some(why) = gates::slips(&mut text, at, chord) {
        text.error = Some(why);
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    if chord.key != Key::Enter {
        if text.field.press(chord) {
            text.error = None;
        }
        model.prompt = Some(Prompt::Text(text));
        return Vec::new();
    }
    if let Asks::Snoozing(span) = text.asks {
        return snooze::reasoned(model, at, span, text);
    }
    match entry(&text) {
        Ok((entry, _)) if !text.together.is_empty() => alike::write(model, at, text, &entry),
        Ok((entry, done)) => {
            if matches!(entry, Entry::PhaseMoved { .. } | Entry::Closed { .. }) {
                model.gates = None;
            }
            let (seen, recording) = (text.seen, Recording::new(&text.id, done));
            verbs::record(model, at, seen, entry, recording.typed(Prompt::Text(text)))
        }
        Err(error) => {
            text.error = Some(error);
            model.prompt = Some(Prompt::Text(text));
            Vec::new()
        }
    }
}

/// What a typed line asks to be written down, and what to say once it is.
fn entry(text: &Text) -> Result<(Entry, String), String> {
    let (id, typed) = (&text.id, text.field.outside());
    let needed = |what: &str| if text.field.is_blank() { Err(what.to_owned()) } else { Ok(typed.clone()) };
    let optional = || (!text.field.is_blank()).then(|| typed.clone());
    Ok(match &text.asks {
        Asks::Note => (Entry::Noted { text: needed("a note needs words")? }, format!("noted on {id}")),
        Asks::Mitigation => {
            let what = needed("say in a few words what was done")?;
            (Entry::Mitigated { what }, format!("{id}: what was done is written down"))
        }
        Asks::NothingToContain => {
            let because = needed("say in a few words why nothing needs to be contained")?;
            (Entry::NothingToContain { because }, format!("{id}: nothing to contain"))
        }
        Asks::Keeping { action, what } => {
            let because = needed("say in a few words why it stays in force")?;
            (Entry::ContainmentKept { action: *action, because }, format!("{id}: {what} stays in force"))
        }
        Asks::HandingBack => (Entry::HandedBack { because: optional() }, format!("you handed {id} back")),
        Asks::Snoozing(_) => return Err("say for how long first".to_owned()),
        Asks::Change(change) => {
            let because = Some(needed("it was said before: say in a few words why it changes")?);
            match *change {
                Change::Severity(_, severity) => {
                    (Entry::SeveritySet { severity, because }, format!("{id} is {}", severity.word()))
                }
                Change::Category(_, category) => {
                    (Entry::CategorySet { category, because }, format!("{id} is {}", category.word()))
                }
            }
        }
        Asks::Waiver { to, .. } => {
            let why = Some(needed("say in a few words why it is waived")?);
            match to {
                Phase::Review => {
                    let resolved = Entry::Closed { reason: CloseReason::Resolved, note: why };
                    (resolved, closed(text, CloseReason::Resolved))
                }
                to => (Entry::PhaseMoved { to: *to, waived: why }, format!("{id} is in {}", to.title())),
            }
        }
        Asks::Closing { reason, required } => {
            let note = if required.is_some() { Some(needed("this needs words")?) } else { optional() };
            (Entry::Closed { reason: *reason, note }, closed(text, *reason))
        }
        Asks::Settlement { action, done, .. } => {
            let detail = needed("say what you found out, and how")?;
            let settlement = if *done { Settlement::ByHand } else { Settlement::NotDone };
            (
                Entry::Settled { action: *action, settlement, detail },
                format!("{id} #{action} settled by hand"),
            )
        }
        Asks::Posting { number, channel, posted } => {
            let note = needed("say what you found out, and how")?;
            let done = format!("{id} bulletin {number} on {} settled by hand", own(channel));
            let (number, channel, posted) = (*number, channel.clone(), *posted);
            (Entry::BulletinSettled(BulletinSettled { number, channel, posted, note }), done)
        }
    })
}

fn closed(text: &Text, reason: CloseReason) -> String {
    match reason {
        CloseReason::Resolved => format!("{} is resolved and in Review", text.id),
        _ => format!("{} is closed: {}", text.id, reason.word()),
    }
}
