//! Where everything goes at a terminal size.

use serde::{Deserialize, Serialize};

use super::model::Size;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Across.
    pub cols: u16,
    /// Down.
    pub rows: u16,
}

impl Area {
    const fn new(x: u16, y: u16, cols: u16, rows: u16) -> Self {
        Self { x, y, cols, rows }
    }
}

/// Where everything goes. Each line stays where it is whatever happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regions {
    /// Line 1: how many, and the time.
    pub counts: Area,
    /// Line 2: the state of every source.
    pub sources: Area,
    /// Line 3: what needs attention now.
    pub banner: Area,
    /// Line 4: which screen this is.
    pub rule: Area,
    /// Everything between the rule and the toast.
    pub body: Area,
    /// The rows of the list.
    pub list: Area,
    /// The rule above the detail, where there is room for it.
    pub detail_rule: Option<Area>,
    /// The detail, where there is room for it.
    pub detail: Option<Area>,
    /// What became of the person's own action.
    pub toast: Area,
    /// The keys that work now.
    pub hints: Area,
}

/// From here on the detail stands beside the list: what a list needs, a rule, and enough for the detail.
const WIDE: u16 = LIST + 60;
/// A list beside something is no narrower: its titles keep as much room as on a narrower screen.
const LIST: u16 = 110;
/// From here on the detail stands below the list.
const TALL: u16 = 18;
/// Below this nothing but the counts is shown.
const LEAST: Size = Size { cols: 36, rows: 9 };
/// Lines above the body.
const HEADER: u16 = 4;

/// Where everything goes; `None` when the terminal is too small for more than the counts.
pub fn regions(size: Size) -> Option<Regions> {
    if size.cols < LEAST.cols || size.rows < LEAST.rows {
        return None;
    }
    let line = |y| Area::new(0, y, size.cols, 1);
    let body = Area::new(0, HEADER, size.cols, size.rows - HEADER - 2);
    let (list, detail_rule, detail) = if size.cols >= WIDE {
        let left = (size.cols / 20 * 11).max(LIST);
        let right = size.cols - left - 1;
        (
            Area::new(0, body.y, left, body.rows),
            Some(Area::new(left + 1, HEADER - 1, right, 1)),
            Some(Area::new(left + 1, body.y, right, body.rows)),
        )
    } else if size.rows >= TALL {
        let rows = body.rows * 2 / 5;
        let below = body.y + rows;
        (
            Area::new(0, body.y, size.cols, rows),
            Some(line(below)),
            Some(Area::new(0, below + 1, size.cols, body.rows - rows - 1)),
        )
    } else {
        (body, None, None)
    };
    let rule = Area::new(0, HEADER - 1, if size.cols >= WIDE { list.cols } else { size.cols }, 1);
    Some(Regions {
        counts: line(0),
        sources: line(1),
        banner: line(2),
        rule,
        body,
        list,
        detail_rule,
        detail,
        toast: line(size.rows - 2),
        hints: line(size.rows - 1),
    })
}

/// Where a prompt of so many lines stands: at the bottom of the body, never over the header.
pub fn sheet(regions: &Regions, lines: usize) -> Area {
    let most = regions.body.rows + 1;
    let rows = u16::try_from(lines + 1).unwrap_or(u16::MAX).min(most);
    Area::new(0, regions.toast.y - rows, regions.body.cols, rows)
}

/// How many choices fit above a typed line with `foot` lines in all, so that the upper part of the list stays in sight.
pub fn choices(size: Size, foot: u16) -> usize {
    let Some(at) = regions(size) else { return 0 };
    let below = at.body.rows - at.body.rows * 2 / 5;
    let most = at.body.rows.saturating_sub(foot);
    usize::from(below.saturating_sub(1 + foot).clamp(2, CHOICES).min(most))
}

/// More choices than these are not read.
const CHOICES: u16 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_stay_inside_the_terminal_at_every_size() {
        for cols in 0..220 {
            for rows in 0..70 {
                let Some(it) = regions(Size { cols, rows }) else { continue };
                let optional =
                    it.detail.into_iter().chain(it.detail_rule).chain([sheet(&it, 500), sheet(&it, 0)]);
                for area in [it.counts, it.sources, it.banner, it.rule, it.body, it.list, it.toast, it.hints]
                    .into_iter()
                    .chain(optional)
                {
                    assert!(
                        area.x + area.cols <= cols && area.y + area.rows <= rows,
                        "{area:?} in {cols}x{rows}"
                    );
                }
                assert!(it.list.rows >= 3);
                assert!(sheet(&it, 500).y >= 3);
            }
        }
    }
}
