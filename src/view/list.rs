//! The list of incidents with the detail of the selected one.

use ratatui::buffer::Buffer;

use super::theme::Theme;
use super::{paint, row};
use crate::console::banner;
use crate::console::board::Sight;
use crate::console::command::Command;
use crate::console::folds::Row;
use crate::console::layout::{Area, Regions};
use crate::console::list::{List, Of};
use crate::console::model::Model;
use crate::console::page::{Line, Page, Role, detail, folds, moment, own, wrapped};
use crate::console::views;
use crate::domain::text::capital;
use crate::domain::time::Time;

pub fn draw(model: &Model, theme: &Theme, now: Time, regions: &Regions, buffer: &mut Buffer) {
    let Some(list) = model.list() else { return };
    let sight = model.sight(now);
    let (title, end) = headline(model, list, &sight, usize::from(regions.list.rows), now);
    paint::rule(buffer, theme, regions.rule, &title, &end);
    rows(model, list, theme, now, regions.list, buffer);
    if list.rows.is_empty() {
        let page = nothing(model, list, &sight, now, regions.list.cols);
        paint::page(buffer, theme, regions.list, &page, 0);
    }
    let old = matches!(
        sight,
        Sight::Lost(..) | Sight::Stalled(_) | Sight::Frozen(..) | Sight::Reading(0, _) | Sight::Blind
    );
    if old {
        paint::pale(buffer, theme, regions.list);
    }
    let (Some(rule), Some(area)) = (regions.detail_rule, regions.detail) else { return };
    if area.x > 0 {
        paint::divider(buffer, theme, Area { x: area.x - 1, y: rule.y, cols: 1, rows: area.rows + 1 });
    }
    if let Some(fold) = list.fold() {
        paint::rule(buffer, theme, rule, &folds::title(fold), "");
        paint::page(buffer, theme, area, &folds::page(model, fold, area.cols, now), 0);
    } else if model.selected().is_some() {
        paint::rule(buffer, theme, rule, &detail::title(model), "");
        paint::page(buffer, theme, area, &detail::page(model, area.cols, area.rows, now), 0);
    } else {
        paint::rule(buffer, theme, rule, "nothing selected", "");
    }
}

fn headline(model: &Model, list: &List, sight: &Sight, height: usize, now: Time) -> (String, String) {
    let tally = model.board.tally();
    let mut title = match list.of {
        Of::Triage if *sight == Sight::Connecting => "Triage".to_owned(),
        Of::Triage => format!("Triage ── {} open", tally.open()),
        Of::Review => format!("Review ── {} to review", tally.review),
    };
    if let Some(query) = list.filter() {
        let hidden = tally.open().saturating_sub(list.shown());
        let view = list.view.and_then(|key| views::of_key(&model.settings.views, key));
        let named = view.map(|view| format!("{} = ", own(&view.name))).unwrap_or_default();
        let source = own(query.source());
        title.push_str(&format!(" · {} shown, {hidden} hidden: {named}{source}", list.shown()));
    }
    if list.folded() > 0 {
        title.push_str(&format!(" · {} folded", list.folded()));
    }
    if list.of == Of::Triage && tally.snoozed > 0 {
        title.push_str(&format!(" · {} snoozed", tally.snoozed));
    }
    if list.of == Of::Triage && tally.review > 0 {
        title.push_str(&format!(" · {} in review", tally.review));
    }
    if list.of == Of::Triage && !model.marks.ids.is_empty() {
        let (all, hidden) = model.marks.counted(list);
        title.push_str(&format!(" · {all} marked"));
        if hidden > 0 {
            title.push_str(&format!(", {hidden} hidden"));
        }
    }
    if let Sight::Reading(tried, all) = sight {
        let as_of = model.board.newest().map_or(String::new(), |at| format!("as of {}, ", moment(at, now)));
        title.push_str(&format!(" · {as_of}reading {tried}/{all}"));
    }
    let below = list.rows.len().saturating_sub(list.top + height);
    let (over, under) = list.news(&model.board);
    let counted = [(over, "new ↑"), (under, "new ↓"), (list.top, "above ↑"), (below, "below ↓")];
    let said = counted.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
    (title, banner::aside(model, now).into_iter().chain(said).collect::<Vec<_>>().join("  "))
}

fn rows(model: &Model, list: &List, theme: &Theme, now: Time, area: Area, buffer: &mut Buffer) {
    let shown = || list.rows.iter().skip(list.top).take(usize::from(area.rows));
    let columns = row::Columns::for_rows(shown(), area.cols);
    for (y, row) in (area.y..).zip(shown()) {
        let selected = list.on.as_ref().is_some_and(|on| row.is(on));
        let area = Area { y, rows: 1, ..area };
        match row {
            Row::Fold(fold) => row::fold(model, fold, selected, theme, now, &columns, area, buffer),
            Row::Incident(id) => {
                let Some(incident) = model.board.get(id) else { continue };
                row::draw(model, incident, selected, theme, now, &columns, area, buffer);
            }
        }
    }
}

/// What an empty list says: never that all is well unless every source says so.
fn nothing(model: &Model, list: &List, sight: &Sight, now: Time, cols: u16) -> Page {
    let say = |role, text: &str| wrapped(role, " ", text, cols);
    let way = |command| model.settings.keymap.way(command);
    if list.filter().is_some() {
        let hidden = model.board.tally().open();
        return say(
            Role::Warn,
            &format!(
                "Nothing matches the filter; {hidden} open are hidden. {} shows all.",
                capital(&model.settings.keymap.takes_back())
            ),
        );
    }
    if list.of == Of::Review {
        return say(Role::Plain, "Nothing is in review.");
    }
    match sight {
        Sight::Clear => {
            let oldest = model.board.watched().filter_map(|status| status.as_of).min();
            let as_of = oldest.map_or(String::new(), |at| format!(" (as of {})", moment(at, now)));
            say(Role::Good, &format!("All clear: nothing is open and every source is LIVE{as_of}."))
        }
        Sight::NoSources => {
            let mut page = vec![Line::of(Role::Warn, " No sources configured, so nothing can be seen.")];
            let how = format!(
                "Add a [[source]] to {}; `quell config init` writes an example.",
                own(&model.settings.config)
            );
            page.extend(say(Role::Plain, &how));
            page.extend(say(Role::Plain, "Or try it first: `quell demo` needs no file and no network."));
            page
        }
        Sight::Connecting => say(Role::Dim, "Asking the engine…"),
        Sight::Reading(tried, all) => {
            say(Role::Dim, &format!("Nothing open is known yet: {tried} of {all} sources read."))
        }
        Sight::Failing(some, all) => {
            let are = if *some == 1 { "is" } else { "are" };
            say(
                Role::Warn,
                &format!(
                    "Nothing is open, but {some} of {all} monitors {are} not up: {} shows which.",
                    way(Command::Monitors)
                ),
            )
        }
        Sight::Partly(bad, all) => say(
            Role::Warn,
            &format!(
                "Nothing open is known, but {bad} of {all} sources and monitors cannot be fully believed: {} and {} show why.",
                way(Command::Sources),
                way(Command::Monitors)
            ),
        ),
        Sight::Frozen(_, fault) => say(
            Role::Bad,
            &format!(
                "UNKNOWN: the ledger {}, so nothing new can be taken in. This is not \"all clear\".",
                fault.detail.safe()
            ),
        ),
        Sight::Blind | Sight::Lost(..) | Sight::Stalled(_) => {
            say(Role::Bad, "UNKNOWN: nothing can be seen. This is not \"all clear\".")
        }
    }
}
