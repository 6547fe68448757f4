//! The question before leaving, as a sheet: as much of each list as fits, its worst first.

use super::prompt::Sheet;
use super::{Line, Page, Role, cut, own, wrapped};
use crate::console::layout;
use crate::console::model::Model;
use crate::console::prompt::Leaving;

/// The sheet.
pub fn sheet(model: &Model, leaving: &Leaving, cols: u16) -> Sheet {
    let lists = [
        (" This waits for somebody, here or not:", Role::Bad, &leaving.waits),
        (" This is yours, and stays yours:", Role::Warn, &leaving.holds),
        (" This stops, unless another quell takes over:", Role::Warn, &leaving.stops),
    ];
    let foot = vec![Line::of(Role::Plain, " y or Enter leaves, Esc stays.")];
    let shown: Vec<_> = lists.into_iter().filter(|(.., list)| !list.is_empty()).collect();
    let rows = layout::regions(model.size).map_or(0, |regions| usize::from(regions.body.rows));
    let nothing_stops = leaving.stops.is_empty();
    let taken = foot.len() + shown.len() + usize::from(nothing_stops);
    let wanted: Vec<usize> = shown.iter().map(|(.., list)| list.len()).collect();
    let mut body = Page::new();
    for ((head, role, list), lines) in shown.into_iter().zip(shares(&wanted, rows.saturating_sub(taken))) {
        if lines == 0 {
            body.push(Line::of(Role::Strong, format!("{head} {}", list.len())));
            continue;
        }
        body.push(Line::of(Role::Strong, head));
        let fits = if lines < list.len() { lines.saturating_sub(1) } else { lines };
        let line = |one: &String| cut(wrapped(role, "   ", &own(one), cols), 1, cols);
        body.extend(list.iter().take(fits).flat_map(line));
        if fits < list.len() {
            body.push(Line::of(Role::Strong, format!("   and {} more", list.len() - fits)));
        }
    }
    if nothing_stops {
        body.push(Line::of(Role::Strong, " Nothing here would stop."));
    }
    Sheet { title: "leave quell?".to_owned(), head: 0, body, foot, top: 0, grave: false }
}

/// How many lines each list gets of these: the same for all, and what one does not need goes to the others.
fn shares(wanted: &[usize], room: usize) -> Vec<usize> {
    let mut out = vec![0; wanted.len()];
    let mut left = room;
    loop {
        let before = left;
        for (share, wanted) in out.iter_mut().zip(wanted) {
            if *share < *wanted && left > 0 {
                *share += 1;
                left -= 1;
            }
        }
        if left == before {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn what_one_list_does_not_need_goes_to_the_others() {
        assert_eq!(shares(&[20, 1, 3], 12), [8, 1, 3]);
        assert_eq!(shares(&[20, 20], 9), [5, 4]);
        assert_eq!(shares(&[2, 1], 9), [2, 1]);
        assert_eq!((shares(&[5, 5], 1), shares(&[], 5)), (vec![1, 0], vec![]));
    }
}
