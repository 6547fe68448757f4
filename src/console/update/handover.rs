//! The watch: what its card is made of, offering it, and taking it.

use super::{answers, keys, ties};
use crate::backend::{Refusal, WatchOffer};
use crate::console::board::Revision;
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::handover::{Taken, held_by, takes_back};
use crate::console::measure::{Counted, Reach};
use crate::console::model::{Model, Screen, ToastState};
use crate::console::page::own;
use crate::console::prompt::{Agree, Agreement, Prompt};
use crate::domain::card::Account;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Asks for what the screen that is shown is made of.
pub(super) fn load(model: &mut Model, at: Time) -> Option<Effect> {
    match model.screen {
        Screen::HandOver { .. } => {
            model.handover.wants(&model.board, at).map(|since| Effect::ReadWatch { since })
        }
        Screen::Metrics { .. } => model.measure.wants(at).map(|reach| Effect::Count { reach, at }),
        _ => None,
    }
}

/// Shows the watch that was offered to this person; else asks to whom theirs goes.
pub(super) fn watch(model: &mut Model, at: Time) {
    if let Some(offer) = model.offered_to_me().cloned() {
        model.prompt = Some(Prompt::Agree(Box::new(Agree::new(Agreement::Take(offer)))));
        return;
    }
    if !matches!(model.screen, Screen::HandOver { .. }) {
        // What is handed over is looked at first.
        keys::go(model, Screen::HandOver { top: 0 });
        return;
    }
    if model.handover.read.is_none() {
        model.say(at, ToastState::Failed, "the card is not read yet; press it again".to_owned());
        return;
    }
    model.prompt = Some(Prompt::OfferWatch { field: Field::default(), error: None });
}

/// A key while it is asked to whom the watch goes.
pub(super) fn offering(model: &mut Model, at: Time, chord: Chord, mut field: Field) -> Vec<Effect> {
    let mut error = None;
    if chord.key == Key::Enter {
        let to = field.text().trim().to_owned();
        let mine = model.offered_by_me().map(|offer| (offer.seq, own(&offer.to).to_string()));
        match (model.handover.card(&model.board, at), mine) {
            (_, Some((offer, to))) if takes_back(&field) => {
                let text = format!("the watch stays with you: what was offered to {to} is taken back");
                model.say(at, ToastState::Pending, text);
                return vec![Effect::KeepWatch { offer }];
            }
            _ if takes_back(&field) => {
                error = Some("no offer of yours stands: it was taken, or taken back".to_owned());
            }
            _ if to.is_empty() => error = Some("say to whom: their operator name".to_owned()),
            _ if to == model.settings.operator => {
                error = Some("that is you; the watch is offered to somebody else".to_owned());
            }
            (None, _) => error = Some("the card is not read yet".to_owned()),
            (Some(card), _) => {
                let text = format!("the watch is offered to {}; it is yours until they take it", own(&to));
                model.say(at, ToastState::Pending, text);
                return vec![Effect::OfferWatch { to, card: Outside::new(card.markdown()) }];
            }
        }
    } else {
        field.press(chord);
    }
    model.prompt = Some(Prompt::OfferWatch { field, error });
    Vec::new()
}

/// A key while a page is read that waits for a final Enter.
pub(super) fn agreeing(model: &mut Model, at: Time, chord: Chord, mut agree: Box<Agree>) -> Vec<Effect> {
    if let Agreement::Take(offer) = &agree.to
        && !agree.guard.sent
        && model.board.watch.as_ref() != Some(offer)
    {
        let gone = format!("the offer of {} stands no more; nothing changed hands", own(&offer.by));
        return model.fail(at, gone);
    }
    if let Some(why) = ties::barred(model, &agree, at).filter(|_| chord.key == Key::Enter) {
        agree.guard.nudge = Some(why);
        model.prompt = Some(Prompt::Agree(agree));
        return Vec::new();
    }
    let counts = agree.guard.counts(at, chord);
    let effects = match (&agree.to, counts) {
        (_, false) => Vec::new(),
        (Agreement::Take(offer), true) => {
            model.handover.taking = Some((offer.seq, model.taking(offer, at)));
            vec![Effect::TakeWatch { offer: offer.seq }]
        }
        (Agreement::Publish { id, markdown, .. }, true) => {
            vec![Effect::Publish { id: id.clone(), markdown: markdown.clone() }]
        }
        (Agreement::Tie { tying, .. }, true) => vec![Effect::Tie(tying.clone())],
    };
    model.prompt = Some(Prompt::Agree(agree));
    effects
}

pub(super) fn read(
    model: &mut Model,
    at: Time,
    since: Time,
    answer: Result<Vec<Account>, Refusal>,
) -> Vec<Effect> {
    model.handover.learn(at, since, answer.map_err(|refusal| refusal.message));
    Vec::new()
}

pub(super) fn counted(
    model: &mut Model,
    at: Time,
    asked: (Reach, Time),
    answer: Result<Box<Counted>, Refusal>,
) -> Vec<Effect> {
    model.measure.learn(at, asked, answer.map(|counted| *counted).map_err(|refusal| refusal.message));
    Vec::new()
}

pub(super) fn offered(model: &mut Model, at: Time, to: &str, answer: Result<bool, Refusal>) -> Vec<Effect> {
    match answer {
        Ok(false) => {
            let key = model.settings.keymap.key(Command::Watch);
            let text = format!(
                "the watch is offered to {}; nobody of that name has been seen here: {key} offers it anew",
                own(to)
            );
            model.say(at, ToastState::Done, text);
        }
        Ok(true) => {
            if let Some(toast) = model.toast.as_mut().filter(|toast| toast.state == ToastState::Pending) {
                (toast.state, toast.at) = (ToastState::Done, at);
            }
        }
        Err(refusal) => {
            let why = answers::said(&refusal);
            if model.prompt.is_none() {
                model.toast = None;
                model.prompt = Some(Prompt::OfferWatch { field: Field::with(to), error: Some(why) });
            } else {
                model.say(at, ToastState::Failed, why);
            }
        }
    }
    Vec::new()
}

/// Says what changed hands. The prompt may be gone by then.
pub(super) fn taken(model: &mut Model, at: Time, offer: u64, answer: Result<(), Refusal>) -> Vec<Effect> {
    let same = |agree: &Agree| matches!(&agree.to, Agreement::Take(it) if it.seq == offer);
    let mine = matches!(&model.prompt, Some(Prompt::Agree(agree)) if same(agree));
    match answer {
        Err(refusal) => answers::disagreed(model, at, mine, &refusal),
        Ok(()) => {
            if mine {
                model.prompt = None;
            }
            model.board.watch.take_if(|watch| watch.seq == offer);
            model.board.revision = Revision::default();
            if let Some(toast) = model.toast.as_mut().filter(|toast| toast.state == ToastState::Pending) {
                (toast.state, toast.at) = (ToastState::Done, at);
            }
            let Some(taking) = model.handover.taking.take_if(|taking| taking.0 == offer) else {
                return Vec::new();
            };
            let taken = Taken { at, ..taking.1 };
            let what =
                if taken.what.is_empty() { "nothing was held".to_owned() } else { taken.what.join(", ") };
            model.say(at, ToastState::Done, format!("you have the watch of {}: {what}", own(&taken.from)));
            model.handover.taken = Some(taken);
            keys::go(model, Screen::HandOver { top: 0 });
        }
    }
    Vec::new()
}

impl Model {
    /// The watch that waits for this person to take it.
    pub fn offered_to_me(&self) -> Option<&WatchOffer> {
        self.board.watch.as_ref().filter(|offer| offer.to == self.settings.operator)
    }

    /// The watch that this person offers to somebody else, and that is not taken yet.
    pub fn offered_by_me(&self) -> Option<&WatchOffer> {
        self.board.watch.as_ref().filter(|offer| offer.by == self.settings.operator)
    }

    /// What would change hands.
    pub(super) fn taking(&self, offer: &WatchOffer, at: Time) -> Taken {
        Taken { at, from: offer.by.clone(), what: held_by(&self.board, &offer.by) }
    }
}
