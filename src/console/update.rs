//! The only function that changes the model.

mod alike;
mod answers;
mod approvals;
mod bulk;
mod changes;
mod choices;
mod confirm;
mod editing;
mod escalation;
mod fill;
mod finding;
mod forms;
mod gates;
mod glass;
mod handover;
mod keys;
mod leaving;
mod ledger;
mod lessons;
mod line;
mod links;
mod parameters;
mod popups;
mod prompts;
mod reopening;
mod roles;
mod seeking;
mod shown;
mod snooze;
mod ties;
mod typing;
mod verbs;
mod worded;

use super::effect::Effect;
use super::message::{Message, NOT_SUSPENDED};
use super::model::{Model, Screen, Size, TOAST_LASTS, Toast, ToastState};
use super::prompt::Prompt;
use super::tape::Tape;
use super::{layout, page, reading};
use crate::domain::notice::WITHHELD;
use crate::domain::query::Asker;
use crate::domain::time::Time;

/// Takes in what has happened at `at`, and says what to ask of the outside.
pub fn update(model: &mut Model, at: Time, message: Message) -> Vec<Effect> {
    let asked = model.prompt.is_some();
    model.ran = None;
    let mut effects = match message {
        Message::Started { open } => {
            model.opening.clone_from(&open);
            let mut effects = vec![Effect::LoadCatalogue];
            if let Some(asked) = open {
                model.loading = Some(asked.clone());
                effects.push(Effect::Load(asked));
            }
            effects
        }
        Message::Pressed(chord) => keys::pressed(model, at, chord),
        Message::Ran(command) => line::ran(model, at, command),
        Message::Pasted(text) => keys::pasted(model, at, &text),
        Message::Resized { cols, rows } => {
            model.size = Size { cols, rows };
            if let Some(guard) = model.prompt.as_mut().and_then(Prompt::guard_mut) {
                guard.unseen();
            }
            Vec::new()
        }
        Message::Focused(focused) => {
            model.focused = focused;
            Vec::new()
        }
        Message::Drawn => {
            if let Some(guard) = model.prompt.as_mut().and_then(Prompt::guard_mut) {
                guard.drawn(at);
            }
            Vec::new()
        }
        Message::Heard(said) => {
            model.sink = Some(said);
            Vec::new()
        }
        Message::Ticked => {
            changes::passed(model, at);
            finding::sift(model, at);
            forms::ticked(model, at);
            Vec::new()
        }
        Message::Resumed => {
            resumed(model, at);
            vec![Effect::LoadCatalogue]
        }
        Message::NotSuspended => model.fail(at, NOT_SUSPENDED),
        Message::RecordingEnded(why) => {
            model.tape = Tape::Off;
            model.fail(at, format!("the recording has ended: {why}"))
        }
        Message::Changed(changes) => changes::changed(model, at, &changes),
        Message::EngineLost(fault) => {
            model.board.lose(at, fault);
            Vec::new()
        }
        Message::PopupPressed(id) => popups::pressed(model, at, &id),
        Message::NoticeShown { notice, how } => {
            if let Some(banner) = model.banners.iter_mut().find(|banner| banner.seq == notice) {
                // The bell may ring later than the rest; what was withheld is told by now.
                banner.how = Some(match banner.how.take().filter(|before| before != WITHHELD) {
                    Some(before) => format!("{before}, {how}"),
                    None => how,
                });
            }
            Vec::new()
        }
        Message::Listed(catalogue) => answers::listed(model, at, catalogue),
        Message::Opened { asked, detail } => answers::opened(model, at, &asked, detail),
        Message::Found { id, applicable } => answers::found(model, at, &id, applicable),
        Message::Planned { id, plan } => answers::planned(model, at, &id, plan),
        Message::Submitted { hash, receipt } => answers::submitted(model, at, &hash, receipt),
        Message::Approved { hash, receipt } => approvals::approved(model, at, &hash, receipt),
        Message::WatchRead { since, read } => handover::read(model, at, since, read),
        Message::Counted { reach, of, counted } => handover::counted(model, at, (reach, of), counted),
        Message::RecordsRead { stretch, records } => ledger::read(model, at, stretch, &records),
        Message::StoredRead { seq, stored } => ledger::opened(model, seq, stored),
        Message::Refreshed(Ok(())) => {
            let said = super::banner::asked_now(&model.board, at);
            model.say(at, ToastState::Done, said);
            Vec::new()
        }
        Message::Refreshed(Err(refusal)) => model.fail(at, answers::said(&refusal)),
        Message::LinkOpened { host, opened } => {
            links::opened(model, at, &host, opened);
            Vec::new()
        }
        Message::Edited { handed, written, file } => {
            editing::end(model, at, &handed, written, file.as_deref())
        }
        Message::Verified(verdict) => ledger::verified(model, at, verdict),
        Message::Tied { tying, after } => ties::tied(model, at, &tying, after),
        Message::WatchOffered { to, offered } => handover::offered(model, at, &to, offered),
        Message::WatchTaken { offer, taken } => handover::taken(model, at, offer, taken),
        Message::Published { id, published } => lessons::published(model, at, &id, published),
        Message::AcknowledgedThere { id, receipt } => answers::acknowledged_there(model, at, &id, receipt),
        Message::Recorded { token, incident } => answers::recorded(model, at, token, incident),
        Message::PacketRead { id, path, packet } => answers::packet(model, &id, &path, packet),
        Message::Reported(incident) => answers::reported(model, at, incident),
    };
    effects.extend(bulk::advance(model, at));
    gates::come_back(model, at);
    ties::renew(model);
    if model.prompt.is_some() != asked {
        model.toast.take_if(|toast| toast.state == ToastState::Again);
        // What an earlier key was refused for reads in a question as if that were refused.
        model.toast.take_if(|toast| !asked && toast.state == ToastState::Failed && is_read(toast, at));
        if let Some(toast) = &mut model.toast {
            toast.before = !asked && toast.at < at;
        }
    }
    settle(model, at, &mut effects);
    effects
}

/// What was typed before a suspension is no answer to what is shown after it.
fn resumed(model: &mut Model, at: Time) {
    let asks = |prompt: &mut Prompt| match prompt {
        Prompt::Confirm(_) => true,
        Prompt::Bulk(bulk) => !bulk.is_confirmed(),
        _ => false,
    };
    if let Some(asked) = model.prompt.take_if(asks) {
        if let Prompt::Confirm(confirm) = asked {
            model.prompt = confirm.back.map(|back| *back);
        }
        let text = "nothing was sent: quell was suspended while it asked";
        return model.say(at, ToastState::Failed, text.to_owned());
    }
    match &mut model.prompt {
        Some(Prompt::Agree(agree)) if !agree.guard.sent => agree.guard.drawn_at = None,
        Some(Prompt::Leave { guard, .. } | Prompt::TakeOver { guard, .. }) => guard.drawn_at = None,
        _ => {}
    }
}

/// Whether a toast has stood there for so long that it was read.
fn is_read(toast: &Toast, at: Time) -> bool {
    at - toast.at >= TOAST_LASTS.delta() / 2
}

/// Brings what is shown in line with what is known.
fn settle(model: &mut Model, at: Time, effects: &mut Vec<Effect>) {
    let old = |toast: &mut Toast| !(toast.at..toast.at + TOAST_LASTS.delta()).contains(&at);
    model.toast.take_if(|toast| toast.state != ToastState::Pending && old(toast));
    let held = model.is_held(at);
    let asker = Asker { me: &model.settings.operator, now: at };
    for list in [&mut model.triage, &mut model.review] {
        if !held || list.rows.is_empty() {
            list.release(&model.board, &asker, &model.marks.ids);
        }
    }
    if let Some(regions) = layout::regions(model.size) {
        model.triage.scroll_into(usize::from(regions.list.rows));
        model.review.scroll_into(usize::from(regions.list.rows));
        ledger::scroll(model, &regions);
        approvals::scroll(model, &regions, at);
        // The whole page is built to be measured: only where it was scrolled.
        if model.screen.top() > 0 {
            let most = page::furthest(page::of_screen(model, regions.body.cols, at).len(), regions.body.rows);
            if let Some(top) = model.screen.top_mut() {
                *top = (*top).min(most);
            }
        }
        if let (Some((most, rows)), Some(prompt)) =
            (page::prompt::furthest_top(model, &regions, at), &mut model.prompt)
        {
            prompt.settle(most, rows);
        }
    }
    reading::turn(model, at);
    effects.extend(reading::load(model, at));
    effects.extend(handover::load(model, at));
    effects.extend(ledger::load(model, at));
    let sight = model.sight(at);
    effects.extend(changes::darkness(model, &sight, at));
    let title = changes::title(model, &sight);
    if title != model.title {
        model.title.clone_from(&title);
        effects.push(Effect::Retitle(title));
    }
}

impl Model {
    /// Shows what became of the person's own action.
    pub(super) fn say(&mut self, at: Time, state: ToastState, text: String) {
        self.toast = Some(Toast { text, state, at, reverse: None, before: false, untold: None });
    }

    /// Says why nothing is done.
    pub(super) fn fail(&mut self, at: Time, why: impl Into<String>) -> Vec<Effect> {
        self.say(at, ToastState::Failed, why.into());
        Vec::new()
    }

    /// Goes to another screen; `back` leads here again.
    pub(super) fn visit(&mut self, screen: Screen) {
        if self.screen != screen {
            self.behind.push(std::mem::replace(&mut self.screen, screen));
        }
    }
}
