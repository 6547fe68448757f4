//! The list of incidents with the detail of the selected one.

use super::canvas::Canvas;
use super::{paint, row};
use crate::console::banner;
use crate::console::board::Sight;
use crate::console::command::Command;
use crate::console::folds::Row;
use crate::console::layout::{Area, Regions};
use crate::console::list::{List, Of};
use crate::console::model::Model;
use crate::console::page::{Line, Page, Role, detail, folds, moment, own, title, wrapped};
use crate::console::{reading, views};
use crate::domain::text::{capital, some_of};
use crate::domain::time::Time;

pub fn draw(model: &Model, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let Some(list) = model.list() else { return };
    let sight = model.sight(now);
    head(model, list, now, regions, canvas);
    rows(model, list, now, regions, canvas);
    if list.rows.is_empty() {
        let page = nothing(model, list, &sight, now, regions.list.cols);
        paint::page(canvas, regions.list, &page, 0);
    }
    let old = matches!(
        sight,
        Sight::Lost(..) | Sight::Stalled(_) | Sight::Frozen(..) | Sight::Reading(0, _) | Sight::Blind
    );
    if old {
        canvas.pale(regions.list);
    }
    if let (Some(rule), Some(area)) = (regions.detail_rule, regions.detail) {
        if area.x > 0 {
            paint::divider(canvas, Area { x: area.x - 1, y: rule.y, cols: 1, rows: area.rows + 1 });
        }
        beside(model, now, rule, area, canvas);
    }
}

/// What the cursor stands on, as more than a row.
fn beside(model: &Model, now: Time, rule: Area, area: Area, canvas: &mut Canvas) {
    if let Some(fold) = model.list().and_then(List::fold) {
        paint::rule(canvas, rule, &folds::title(fold), "");
        paint::page(canvas, area, &folds::page(model, fold, area.cols, now), 0);
    } else if let Some(id) = model.selected().map(|incident| &incident.id) {
        let draw = |canvas: &mut Canvas, now| {
            paint::rule(canvas, rule, &detail::title(model), "");
            paint::page(canvas, area, &detail::page(model, area.cols, area.rows, now), 0);
        };
        match reading::of_selected(model) {
            Some(read) => {
                let key = ("detail", model.board.revision.number(), id, read);
                canvas.pane(Area { rows: rule.rows + area.rows, ..rule }, now, key, draw);
            }
            // What is not whole does not stay for a second.
            None => draw(canvas, now),
        }
    } else {
        paint::rule(canvas, rule, "nothing selected", "");
    }
}

/// The rule above the list, which is mostly what it was.
fn head(model: &Model, list: &List, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let aside = banner::aside(model, now);
    let draw = |canvas: &mut Canvas, now| {
        let (title, end) = headline(model, list, aside.clone(), regions.list, now);
        paint::rule(canvas, regions.rule, &title, &end);
    };
    let calm = list.waiting.is_empty() && list.filter().is_none() && model.marks.ids.is_empty();
    let counted = (list.of, list.top, list.rows.len(), list.shown(), list.folded());
    let key = ("head", model.board.revision.number(), counted, &aside);
    if calm { canvas.pane(Area { rows: 1, ..regions.rule }, now, key, draw) } else { draw(canvas, now) }
}

/// What is counted is said before the query, and what is hidden before what stands elsewhere as well.
fn headline(model: &Model, list: &List, aside: Option<String>, area: Area, now: Time) -> (String, String) {
    let sight = model.sight(now);
    let below = list.rows.len().saturating_sub(list.top + usize::from(area.rows));
    let (over, under) = list.news(&model.board);
    let counted = [(over, "new ↑"), (under, "new ↓"), (list.top, "above ↑"), (below, "below ↓")];
    let mut end = aside.unwrap_or_default();
    for (n, word) in counted.into_iter().filter(|(n, _)| *n > 0) {
        let gap = if end.is_empty() { "" } else { "  " };
        end = format!("{end}{gap}{n} {word}");
    }
    let named = list.view.and_then(|key| views::of_key(&model.settings.views, key));
    let named = named.map(|view| format!("{} = ", own(&view.name))).unwrap_or_default();
    let query = list.filter().map(|query| format!("{named}{}", own(query.source()))).unwrap_or_default();
    let room = title::room(area.cols, &end);
    let is_marked = list.of == Of::Triage && !model.marks.ids.is_empty();
    // Every row is looked at for it: once.
    let marked = if is_marked { model.marks.counted(list) } else { (0, 0) };
    let form = |terse: u8, query: &str| counts(model, list, &sight, now, marked, (terse, query));
    (title::fitting(room, TERSEST, (&own(&query), 0), form), end)
}

/// How terse a headline can be.
const TERSEST: u8 = 7;

/// `Triage ── 13 open · 7 shown, 6 hidden: sev:high · 40 folded · 2 marked, 1 hidden`.
fn counts(
    model: &Model,
    list: &List,
    sight: &Sight,
    now: Time,
    (marked, unseen): (usize, usize),
    (terse, query): (u8, &str),
) -> String {
    let (tally, triage) = (model.board.tally(), list.of == Of::Triage);
    let hidden = list.filter().map(|_| tally.open().saturating_sub(list.shown()));
    let of_all = match list.of {
        Of::Triage if *sight == Sight::Connecting => "Triage".to_owned(),
        Of::Triage => format!("Triage ── {} open", tally.open()),
        Of::Review => format!("Review ── {} to review", tally.review),
    };
    let of_all = Some(of_all).filter(|_| terse < 6 || (hidden.is_none() && marked == 0));
    let hidden = hidden.map(|hidden| match terse {
        0..2 => format!("{} shown, {hidden} hidden{query}", list.shown()),
        _ => format!("{hidden} hidden{query}"),
    });
    let some = |n: usize, word: &str| (n > 0).then(|| format!("{n} {word}"));
    let marked = some(marked, "marked").map(|said| match unseen {
        0 => said,
        unseen => format!("{said}, {unseen} hidden"),
    });
    let reading = match sight {
        Sight::Reading(tried, all) => {
            let as_of = model.board.newest().filter(|_| terse < 1);
            let as_of = as_of.map_or(String::new(), |at| format!("as of {}, ", moment(at, now)));
            Some(format!("{as_of}reading {tried}/{all}"))
        }
        _ => None,
    };
    let folded = some(list.folded(), "folded").filter(|_| terse < 5);
    let snoozed = some(tally.snoozed, "snoozed").filter(|_| triage && terse < 4);
    let review = some(tally.review, "in review").filter(|_| triage && terse < 3);
    let reading = reading.filter(|_| terse < TERSEST);
    let all = [of_all, hidden, folded, snoozed, review, marked, reading];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn is_on(list: &List, row: &Row) -> bool {
    list.on.as_ref().is_some_and(|on| row.is(on))
}

fn rows(model: &Model, list: &List, now: Time, regions: &Regions, canvas: &mut Canvas) {
    let area = regions.list;
    let edge = u16::from(regions.detail.is_some_and(|detail| detail.x > 0));
    let shown = || list.rows.iter().skip(list.top).take(usize::from(area.rows));
    let columns = row::Columns::for_rows(shown(), area.cols, edge);
    for (y, row) in (area.y..).zip(shown()) {
        let selected = is_on(list, row);
        let area = Area { y, rows: 1, ..area };
        match row {
            Row::Fold(fold) => {
                let marked = fold.members.iter().all(|id| model.marks.ids.contains(id));
                let key = (model.board.revision.number(), row::said(fold), marked, &columns, area.cols);
                canvas.again(y, now, key, |canvas, now| {
                    row::fold(model, fold, marked, now, &columns, area, canvas);
                });
            }
            Row::Incident(id) => {
                let sign = row::Sign { marked: model.marks.ids.contains(id), news: model.news.of(id, now) };
                let key = (model.board.revision.number(), id, sign, &columns, area.cols);
                canvas.again(y, now, key, |canvas, now| {
                    if let Some(incident) = model.board.get(id) {
                        row::draw(model, incident, sign, now, &columns, area, canvas);
                    }
                });
            }
        }
        if selected {
            let severity = match row {
                Row::Fold(fold) => Some(fold.storm.severity),
                Row::Incident(id) => model.board.get(id).map(|incident| incident.severity),
            };
            severity.into_iter().for_each(|severity| row::choose(severity, area, canvas));
        }
    }
}

/// What an empty list says: never that all is well unless every source says so.
fn nothing(model: &Model, list: &List, sight: &Sight, now: Time, cols: u16) -> Page {
    let say = |role, text: &str| wrapped(role, " ", text, cols);
    let way = |command| model.settings.keymap.way(command);
    if list.filter().is_some() {
        let hidden = model.board.tally().open();
        let are = if hidden == 1 { "is" } else { "are" };
        return say(
            Role::Warn,
            &format!(
                "Nothing matches the filter; {hidden} open {are} hidden. {} shows all.",
                capital(model.settings.keymap.takes_back())
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
                    "Nothing is open, but {} {are} not up: {} shows which.",
                    some_of(*some, *all, "monitor"),
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
