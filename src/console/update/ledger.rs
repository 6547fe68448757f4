//! The ledger's screen: what it is made of, one record whole, and the check of them all.

use super::{answers, keys};
use crate::backend::Refusal;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::layout::Regions;
use crate::console::ledger::{Check, Stretch};
use crate::console::model::{Model, Screen, ToastState};
use crate::console::page;
use crate::console::prompt::Prompt;
use crate::domain::chain::{Stored, Verdict};
use crate::domain::record::Record;
use crate::domain::time::Time;

/// Asks for the records the screen needs.
pub(super) fn load(model: &mut Model, at: Time) -> Option<Effect> {
    (model.screen == Screen::Ledger).then(|| model.ledger.wants(at))?.map(Effect::ReadRecords)
}

pub(super) fn read(
    model: &mut Model,
    at: Time,
    stretch: Stretch,
    answer: &Result<Vec<Record>, Refusal>,
) -> Vec<Effect> {
    let records = answer.as_ref().map(Vec::as_slice).map_err(|refusal| refusal.message.clone());
    model.ledger.learn(at, stretch, records, &model.board);
    Vec::new()
}

pub(super) fn scroll(model: &mut Model, regions: &Regions) {
    if model.screen == Screen::Ledger {
        model.ledger.scroll_into(page::table_rows(regions.body.rows));
    }
}

/// Shows the record under the cursor whole.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(seq) = model.ledger.at_cursor() else { return Vec::new() };
    // The cursor stays on it, whatever comes meanwhile.
    model.ledger.selected = Some(seq);
    model.visit(Screen::Record { seq, top: 0 });
    vec![Effect::ReadStored(seq)]
}

pub(super) fn opened(model: &mut Model, seq: u64, answer: Result<Stored, Refusal>) -> Vec<Effect> {
    model.ledger.opened = Some((seq, answer.map_err(|refusal| refusal.message)));
    Vec::new()
}

/// Asks for a check of every record, one at a time.
pub(super) fn verify(model: &mut Model, at: Time) -> Vec<Effect> {
    if !matches!(model.screen, Screen::Ledger | Screen::Record { .. }) {
        keys::go(model, Screen::Ledger);
    }
    if matches!(model.ledger.check, Some(Check::Running(_))) {
        return Vec::new();
    }
    model.ledger.check = Some(Check::Running(at));
    model.say(at, ToastState::Pending, "checking every record".to_owned());
    vec![Effect::Verify]
}

pub(super) fn verified(model: &mut Model, at: Time, answer: Result<Verdict, Refusal>) -> Vec<Effect> {
    match answer {
        Ok(verdict) => {
            let state = match verdict {
                Verdict::Intact { .. } => ToastState::Done,
                Verdict::Bad { .. } => ToastState::Failed,
            };
            model.ledger.check = Some(Check::Done(at, verdict));
            if let Some((_, said)) = page::ledger::verified(model) {
                model.say(at, state, said);
            }
        }
        Err(refusal) => {
            model.ledger.check = None;
            model.say(at, ToastState::Failed, answers::said(&refusal));
        }
    }
    Vec::new()
}

/// Asks for the words that shown records must have.
pub(super) fn find(model: &mut Model) {
    model.prompt = Some(Prompt::Find(Field::with(model.ledger.filter.clone())));
}

/// A key while they are typed: rows follow at once.
pub(super) fn finding(model: &mut Model, chord: Chord, mut field: Field) -> Vec<Effect> {
    match chord.key {
        Key::Esc => model.ledger.find(String::new()),
        Key::Enter => {}
        _ => {
            if field.press(chord) {
                model.ledger.find(field.text());
            }
            model.prompt = Some(Prompt::Find(field));
        }
    }
    Vec::new()
}
