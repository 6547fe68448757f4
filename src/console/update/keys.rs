//! A key: first to what is asked, then to the screen.

use super::{
    approvals, editing, finding, forms, glass, handover, leaving, ledger, line, links, prompts, reopening,
    seeking, verbs,
};
use crate::console::applying::command_why_not;
use crate::console::approvals::{self as waiting, Approvals};
use crate::console::choosing::round;
use crate::console::chord::{Chord, Key};
use crate::console::command::Command;
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::guard::Stroke;
use crate::console::layout;
use crate::console::links::Aim;
use crate::console::model::{Model, SLID_GUARD, Screen, TYPED_ON, ToastState};
use crate::console::page::own;
use crate::console::prompt::Prompt;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// In the form of a bulletin this shows what is new.
const BULLETIN_CHANGES: Chord = Chord { ctrl: true, ..Chord::plain(Key::Char('l')) };

pub(super) fn pressed(model: &mut Model, at: Time, chord: Chord) -> Vec<Effect> {
    model.last_key = Some(at);
    let stroke = Stroke::next(model.stroke, chord, at);
    model.stroke = Some(stroke);
    if let Some(guard) = model.prompt.as_mut().and_then(Prompt::guard_mut) {
        guard.stroke(stroke);
    }
    model.triage.touched = true;
    model.review.touched = true;
    let interrupt = chord.ctrl && chord.key == Key::Char('c');
    let unseen = layout::regions(model.size).is_none() && chord.key != Key::Esc;
    // A job is suspended and drawn again whatever it asks; only a key without ctrl may be meant as text.
    let whatever_asks = match model.settings.keymap.command(chord).filter(|_| chord.ctrl) {
        Some(Command::Suspend) => Some(Effect::Suspend),
        Some(Command::Redraw)
            if chord != BULLETIN_CHANGES || !matches!(model.prompt, Some(Prompt::Bulletin(_))) =>
        {
            Some(Effect::Redraw)
        }
        _ => None,
    };
    if let Some(effect) = whatever_asks {
        if let Some(prompt) = &mut model.prompt {
            touched(prompt, at);
        }
        return vec![effect];
    }
    if let Some(edit) = editing::begin(model, chord).filter(|_| !unseen) {
        return vec![edit];
    }
    if let Some(prompt) = model.prompt.take() {
        return match prompt {
            Prompt::Leave { .. } if interrupt => prompts::pressed(model, at, chord, prompt),
            // It asks as Esc does, and does not answer either: who holds it down throws nothing away.
            prompt if interrupt && prompt.holds_text() => {
                prompts::pressed(model, at, Chord::plain(Key::Esc), prompt)
            }
            _ if interrupt => Vec::new(),
            // Nothing is answered that cannot be seen.
            mut prompt if unseen && !matches!(prompt, Prompt::Leave { .. }) => {
                touched(&mut prompt, at);
                model.prompt = Some(prompt);
                Vec::new()
            }
            prompt => prompts::pressed(model, at, chord, prompt),
        };
    }
    if goes_on_typing(model, at, chord) {
        return Vec::new();
    }
    match model.settings.keymap.command(chord) {
        Some(Command::Back) if takes_back(model, at, chord) => Vec::new(),
        Some(command) => {
            let screen = model.screen.clone();
            let effects = ask(model, at, command);
            let refused = model.prompt.is_none() && effects.is_empty() && model.screen == screen;
            model.typed_on = (refused && command.asks_for_words()).then_some((command, at));
            effects
        }
        None => Vec::new(),
    }
}

/// What is said of letters that belong to a text for which no field was opened.
pub(super) const TYPED_IN_VAIN: &str = "what you typed was not taken";

/// Whether a key belongs to a text that somebody types where one of a list is chosen: it began with a letter that does
/// nothing there, and what goes on at once does nothing either.
pub(super) fn types_on(typed: &mut Option<Time>, at: Time, chord: Chord, acting: &[char]) -> bool {
    let letter = chord.text().is_some();
    let is_one = letter || matches!(chord.key, Key::Enter | Key::Backspace);
    let goes_on = is_one && typed.is_some_and(|last| (last..last + TYPED_ON.delta()).contains(&at));
    let begins = letter && !matches!(chord.key, Key::Char(it) if acting.contains(&it));
    *typed = Some(at).filter(|_| begins || (goes_on && chord.key != Key::Enter));
    goes_on || begins
}

/// Whether a key belongs to a text that somebody types although no field was opened for it: none of its letters acts.
fn goes_on_typing(model: &mut Model, at: Time, chord: Chord) -> bool {
    let Some((command, last)) = model.typed_on.take() else { return false };
    let is_one = chord.text().is_some() || matches!(chord.key, Key::Enter | Key::Backspace);
    let again = model.settings.keymap.command(chord) == Some(command);
    let goes_on = is_one && !again && (last..last + TYPED_ON.delta()).contains(&at);
    model.typed_on = Some((command, at)).filter(|_| goes_on && chord.key != Key::Enter);
    if goes_on {
        let why = model.toast.take().filter(|toast| toast.state == ToastState::Failed && toast.at == last);
        let text = match why.map(|toast| toast.text) {
            Some(said) if said.ends_with(TYPED_IN_VAIN) => said,
            Some(why) => format!("{why}; {TYPED_IN_VAIN}"),
            None => TYPED_IN_VAIN.to_owned(),
        };
        model.say(at, ToastState::Failed, text);
    }
    goes_on
}

/// Esc, or the key that stands for it, first takes back what one has laid over a screen; on Triage esc leaves nothing
/// else: it is pressed by reflex.
fn takes_back(model: &mut Model, at: Time, chord: Chord) -> bool {
    if chord.to_string() != model.settings.keymap.takes_back() {
        return false;
    }
    if model.opening.take().is_some() {
        return true;
    }
    if model.means_all_marked() {
        model.marks.ids.clear();
    } else if model.screen == Screen::Ledger && !model.ledger.filter.is_empty() {
        model.ledger.find(String::new());
    } else if model.screen == Screen::Triage && model.triage.filter().is_some() {
        finding::filter_by(model, at, None);
    } else {
        return chord.key == Key::Esc && model.behind.is_empty();
    }
    true
}

/// The final Enter counts only some time after this key.
fn touched(prompt: &mut Prompt, at: Time) {
    if let Some(guard) = prompt.guard_mut() {
        guard.last_key = Some(at);
    }
}

pub(super) fn pasted(model: &mut Model, at: Time, text: &Outside) -> Vec<Effect> {
    model.last_key = Some(at);
    // Who pastes goes on writing: what was asked before is answered by that.
    if let Some(leaving) = model.prompt.as_mut().and_then(Prompt::leaving) {
        *leaving = false;
    }
    match &mut model.prompt {
        Some(Prompt::Text(asked)) => asked.paste(text),
        Some(Prompt::Form(form)) => {
            let chosen = !form.choices(form.at).is_empty();
            match form.fields.get_mut(form.at) {
                Some((asked, _)) if form.offered.target.as_ref() == Some(&asked.name) => {
                    form.error = Some(Outside::new("pasting does not count for the target: type it"));
                }
                Some((_, field)) if !chosen => field.paste(text),
                Some(_) | None => {}
            }
        }
        Some(Prompt::Fill(fill)) => {
            if let Some(field) = fill.field() {
                field.paste(text);
            }
        }
        Some(Prompt::Roles(roles)) => {
            roles.field.paste(text);
            (roles.sure, roles.error) = (false, None);
        }
        Some(Prompt::Line(line)) => {
            line.paste(text);
            (line.chosen, line.error) = (None, None);
        }
        Some(Prompt::OfferWatch { field, .. }) => field.paste(text),
        Some(Prompt::Lesson(form)) => form.fields.paste(text),
        Some(Prompt::Agree(agree)) => agree.guard.last_key = Some(at),
        Some(Prompt::Bulletin(form)) => form.fields.paste(text),
        Some(Prompt::Report(form)) => form.fields.paste(text),
        Some(Prompt::Escalation(form)) => {
            form.paste(text, model.board.get(&form.id).map(AsRef::as_ref));
        }
        Some(Prompt::Find(field)) => {
            field.paste(text);
            model.ledger.find(field.text());
        }
        Some(Prompt::Seek { field, .. }) => {
            field.paste(text);
            seeking::pasted(model, at);
        }
        Some(Prompt::Filter { field, chosen, .. }) => {
            field.paste(text);
            *chosen = None;
            finding::refilter(model, at);
        }
        Some(Prompt::Bulk(bulk)) => {
            bulk.guard.last_key = Some(at);
            bulk.guard.nudge = Some("pasting does not count here: type it".to_owned());
        }
        Some(Prompt::Confirm(confirm)) => {
            confirm.guard.last_key = Some(at);
            if !glass::pasted(confirm, text) {
                confirm.guard.nudge = Some("pasting does not count here: type it".to_owned());
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Does what a command asks for.
pub(super) fn ask(model: &mut Model, at: Time, command: Command) -> Vec<Effect> {
    let leaving = matches!(command, Command::Back | Command::Quit | Command::Suspend | Command::Redraw);
    // Nothing acts on what cannot be seen.
    if layout::regions(model.size).is_none() && !leaving {
        return Vec::new();
    }
    if leaving {
        model.opening = None;
    } else if let Some(asked) = &model.opening {
        // What comes means that one, and the cursor stands on another until it is there.
        let text = format!("{} is being opened: press again", own(asked));
        model.say(at, ToastState::Again, text);
        return Vec::new();
    }
    if command == Command::Undo
        && let Some(effects) = reopening::undone(model, at)
    {
        return effects;
    }
    if let Some(toast) = &mut model.toast {
        toast.reverse = None;
    }
    if command.is_verb() {
        let slid = |slid: &mut Time| (*slid..*slid + SLID_GUARD.delta()).contains(&at);
        if model.list_mut().is_some_and(|list| list.slid_at.take_if(slid).is_some()) {
            model.say(at, ToastState::Again, "list moved: press again".to_owned());
            return Vec::new();
        }
        return verbs::verb(model, at, command);
    }
    if matches!(command, Command::Shorter | Command::Longer)
        && let Some(why) = command_why_not(model, command, at)
    {
        return model.fail(at, why);
    }
    match command {
        Command::Open if model.screen == Screen::Ledger => return ledger::open(model),
        Command::Open if model.screen == Screen::Approvals => approvals::read(model, at),
        Command::Open if model.list().is_some_and(|list| list.fold().is_some()) => {
            model.triage.turn(&model.board, &model.marks.ids);
        }
        Command::Open => {
            if let (Some(_), Some(id)) = (model.list(), model.selected_id().cloned()) {
                model.visit(Screen::Incident { id, top: 0 });
            }
        }
        Command::Back => return back(model, at),
        Command::Quit => model.prompt = Some(leaving::leave(model, at)),
        Command::Suspend => return vec![Effect::Suspend],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Approve => approvals::open(model, at),
        Command::Explain | Command::Copy | Command::OpenRunbook | Command::OpenSource
            if model.list().is_some_and(|list| list.fold().is_some()) =>
        {
            verbs::say_folded(model, at);
        }
        Command::OpenRunbook => links::show(model, at, Aim::Runbook),
        Command::OpenSource => links::show(model, at, Aim::Source),
        Command::Explain => verbs::explain(model, at),
        Command::Report => forms::report(model),
        Command::Copy => {
            if let Some(id) = model.selected_id().map(ToString::to_string) {
                return forms::copy(model, at, &id.clone(), id);
            }
        }
        Command::Filter if matches!(model.screen, Screen::Triage) => finding::open(model),
        Command::Filter if model.screen == Screen::Ledger => ledger::find(model),
        Command::Filter => seeking::open(model, at, Field::default()),
        Command::View(key) => finding::view(model, at, key),
        Command::ViewAll => finding::all(model, at),
        Command::Ledger => go(model, Screen::Ledger),
        Command::Verify => return ledger::verify(model, at),
        Command::Refresh => {
            model.say(at, ToastState::Pending, "asking every source".to_owned());
            return vec![Effect::Refresh];
        }
        Command::CommandLine => line::open(model),
        Command::Help => model.visit(Screen::Help { top: 0 }),
        Command::HandOver => go(model, Screen::HandOver { top: 0 }),
        Command::Metrics => go(model, Screen::Metrics { top: 0 }),
        Command::Watch => handover::watch(model, at),
        Command::Shorter => reach(model, -1),
        Command::Longer => reach(model, 1),
        Command::Triage => go(model, Screen::Triage),
        Command::Review => go(model, Screen::Review),
        Command::Monitors => go(model, Screen::Monitors { top: 0 }),
        Command::Sources => go(model, Screen::Sources { top: 0 }),
        Command::NextScreen => cycle(model, at, 1),
        Command::PreviousScreen => cycle(model, at, -1),
        _ => travel(model, at, command),
    }
    Vec::new()
}

fn back(model: &mut Model, at: Time) -> Vec<Effect> {
    match model.behind.pop() {
        Some(screen) => model.screen = screen,
        None => model.prompt = Some(leaving::leave(model, at)),
    }
    Vec::new()
}

/// One of the screens that stand beside each other; `back` leads to Triage.
pub(super) fn go(model: &mut Model, screen: Screen) {
    model.behind = if screen == Screen::Triage { Vec::new() } else { vec![Screen::Triage] };
    if screen == Screen::Ledger && model.screen != screen {
        model.ledger.begin();
    }
    if screen == Screen::Approvals && model.screen != screen {
        model.approvals = Approvals::default();
    }
    model.screen = screen;
}

/// Looks less far back, or further.
fn reach(model: &mut Model, by: isize) {
    match model.screen {
        Screen::HandOver { .. } => model.handover.step(by),
        Screen::Metrics { .. } => model.measure.step(by),
        _ => {}
    }
}

fn cycle(model: &mut Model, at: Time, steps: isize) {
    let mut all = vec![
        Screen::Triage,
        Screen::Review,
        Screen::HandOver { top: 0 },
        Screen::Metrics { top: 0 },
        Screen::Monitors { top: 0 },
        Screen::Sources { top: 0 },
        Screen::Ledger,
    ];
    if model.screen == Screen::Approvals || !waiting::all(&model.board, at).is_empty() {
        all.push(Screen::Approvals);
    }
    if model.sink.is_some() {
        all.push(Screen::Sink { top: 0 });
    }
    let here = std::mem::discriminant(&model.screen);
    let place = all.iter().position(|screen| std::mem::discriminant(screen) == here);
    let next = place.map_or(0, |place| round(place, steps, all.len()));
    if let Some(screen) = all.into_iter().nth(next) {
        go(model, screen);
    }
}

/// Moves the cursor of a list, or scrolls a page.
fn travel(model: &mut Model, at: Time, command: Command) {
    let Some(regions) = layout::regions(model.size) else { return };
    let listed = model.list().is_some();
    let page = usize::from(if listed { regions.list.rows } else { regions.body.rows });
    let moved = |from: usize| match command {
        Command::Down => from.saturating_add(1),
        Command::Up => from.saturating_sub(1),
        Command::HalfDown => from.saturating_add(page / 2),
        Command::HalfUp => from.saturating_sub(page / 2),
        Command::PageDown => from.saturating_add(page.saturating_sub(1)),
        Command::PageUp => from.saturating_sub(page.saturating_sub(1)),
        Command::First => 0,
        Command::Last => usize::from(u16::MAX),
        _ => from,
    };
    if model.screen == Screen::Ledger {
        model.ledger.travel(moved);
    } else if model.screen == Screen::Approvals {
        approvals::travel(model, at, moved);
    } else if let Some(list) = model.list_mut() {
        let to = if command == Command::Last { list.rows.len() } else { moved(list.place()) };
        list.go_to(to);
    } else if let Some(top) = model.screen.top_mut() {
        *top = u16::try_from(moved(usize::from(*top))).unwrap_or(u16::MAX);
    }
}
