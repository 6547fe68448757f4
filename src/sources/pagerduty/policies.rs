//! Which policies there are, page by page. The list of a large account is read over several rounds: each goes on where the
//! one before ended.

use super::decode::{self, Named, Reference};
use super::lists::CAP;
use super::wire::Asking;
use crate::domain::fault::{Fault, FaultKind};

/// Policies of a page: the most PagerDuty gives.
const PAGE: usize = 100;

/// The policies, as far as they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Policies {
    /// All of them, once they were read to the end.
    all: Option<Vec<Named>>,
    walk: Walk,
}

/// A reading that is on its way.
#[derive(Clone, Debug, Default, PartialEq)]
struct Walk {
    found: Vec<Named>,
    /// Elements of the list that were read, those among them that make no sense.
    read: usize,
    last: Element,
}

/// A page of the list.
pub(super) struct Page {
    elements: Vec<Element>,
    more: bool,
}

/// One of it; none where it makes no sense.
type Element = Option<Named>;

/// How far a reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// So many are read, and there are more.
    Read(usize),
    /// All are read.
    Whole,
    /// There are more than anybody may read.
    Capped,
}

impl Policies {
    /// Those that are known, by name: all of them as they were read last, or as many as were read yet.
    pub(super) fn known(&self) -> &[Named] {
        self.all.as_ref().unwrap_or(&self.walk.found)
    }

    /// Where the next page begins: with the last one that was read, so that a list that moved is noticed.
    pub(super) fn offset(&self) -> usize {
        self.walk.read.saturating_sub(1)
    }

    /// Takes in the next page.
    ///
    /// # Errors
    /// The list has moved since the page before, so that some may be missing: it is to be read anew.
    pub(super) fn take(&mut self, page: Page) -> Result<Progress, Fault> {
        let again = usize::from(self.walk.read > 0);
        if again > 0 && page.elements.first() != Some(&self.walk.last) {
            self.forget();
            return Err(Fault::new(FaultKind::Malformed, "the list changed while it was read"));
        }
        let walk = &mut self.walk;
        let new = page.elements.len().saturating_sub(again);
        walk.found.extend(page.elements.iter().skip(again).flatten().cloned());
        walk.found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        walk.found.dedup();
        walk.read += new;
        walk.last = page.elements.into_iter().next_back().unwrap_or_default();
        let capped = self.offset() + PAGE > CAP;
        if page.more && new > 0 && !capped {
            return Ok(Progress::Read(self.walk.found.len()));
        }
        self.all = Some(std::mem::take(&mut self.walk).found);
        Ok(if page.more && capped { Progress::Capped } else { Progress::Whole })
    }

    /// The next reading begins at the beginning.
    pub(super) fn forget(&mut self) {
        self.walk = Walk::default();
    }
}

/// Asks for the page that begins there.
///
/// # Errors
/// Why there is none.
pub(super) async fn page(asking: &mut Asking<'_>, offset: usize) -> Result<Page, Fault> {
    let (offset, limit) = (offset.to_string(), PAGE.to_string());
    let body = asking.get("/escalation_policies", &[("limit", &limit), ("offset", &offset)]).await?;
    let page = decode::page(&body, "escalation_policies")?;
    let named = |raw: &&serde_json::value::RawValue| {
        serde_json::from_str::<Reference>(raw.get()).ok().map(Reference::named)
    };
    Ok(Page { elements: page.elements.iter().map(named).collect(), more: page.more })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Outside;

    fn elements(numbers: impl IntoIterator<Item = usize>) -> Vec<Element> {
        let named = |number| Named { id: format!("E{number}"), name: Outside::new(format!("{number:06}")) };
        numbers.into_iter().map(|number| Some(named(number))).collect()
    }

    /// Reads a list of so many to its end; how many pages that took.
    fn read(policies: &mut Policies, all: &[Element]) -> (usize, Progress) {
        for pages in 1.. {
            let from = policies.offset();
            let to = all.len().min(from + PAGE);
            let page = Page { elements: all[from..to].to_vec(), more: to < all.len() };
            let progress = policies.take(page).unwrap();
            if !matches!(progress, Progress::Read(_)) {
                return (pages, progress);
            }
        }
        unreachable!()
    }

    #[test]
    fn each_counts_once_also_one_that_makes_no_sense_where_a_page_ends() {
        let mut all = elements(0..250);
        (all[99], all[198]) = (None, None);
        let mut policies = Policies::default();
        assert_eq!(read(&mut policies, &all), (3, Progress::Whole));
        assert_eq!(policies.known().len(), 248);
        assert_eq!(read(&mut policies, &elements(0..1)), (1, Progress::Whole), "and begins anew then");
        assert_eq!(policies.known().len(), 1);
    }

    #[test]
    fn a_list_without_end_has_one() {
        let mut policies = Policies::default();
        let (_, ended) = read(&mut policies, &elements(0..CAP + 500));
        assert_eq!((ended, policies.known().len()), (Progress::Capped, CAP));
        let page = |more| Page { elements: elements(0..1), more };
        let mut policies = Policies::default();
        policies.take(page(true)).unwrap();
        assert_eq!(policies.take(page(true)), Ok(Progress::Whole), "nothing new on it");
    }

    #[test]
    fn a_list_that_moved_is_read_anew_and_what_was_known_stays() {
        let mut policies = Policies::default();
        read(&mut policies, &elements(0..150));
        policies.take(Page { elements: elements(0..100), more: true }).unwrap();
        // The first one is gone: what stood at 100 stands at 99, and was not read.
        let moved = policies.take(Page { elements: elements(100..150), more: false });
        assert!(moved.unwrap_err().detail.raw().contains("changed while it was read"));
        assert_eq!((policies.offset(), policies.known().len()), (0, 150));
    }
}
