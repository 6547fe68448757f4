//! What those who were paged are told afterwards: to whom, when again where some did not take it, and as which message.

use serde::{Deserialize, Serialize};

use super::Escalation;
use crate::domain::plan::Purpose;
use crate::domain::record::Told;
use crate::domain::time::{Span, Time};

/// How often it is told at most what some did not take; all of it is over within the hour in which it is of use.
const MOST_TELLINGS: u32 = 8;
/// From here on people hear that some were not told.
const WORTH_SAYING: u32 = 3;
/// Before it is told once more: twice as long each time, and this at most.
const LONGEST_PAUSE: Span = Span::mins(10);
/// With records of earlier formats whatever was told counted as told, whether or not a channel took it.
const TAKEN_SINCE: u32 = 5;

/// What those who were paged were told later, and some channels did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untold {
    /// Why they were told.
    pub purpose: Purpose,
    /// The items of the packet that were told.
    pub items: Vec<String>,
    /// The channels that did not take it.
    pub channels: Vec<String>,
    /// Which message of the path it is: told again, it is the same one.
    #[serde(default)]
    pub number: u32,
    /// How often it was told.
    pub tellings: u32,
    /// When it was told last.
    pub at: Time,
}

impl Untold {
    /// When those that did not take it are told once more; `None` once that was in vain often enough.
    pub fn again_at(&self) -> Option<Time> {
        let pause = Span::mins(1 << self.tellings.saturating_sub(1).min(8)).min(LONGEST_PAUSE);
        (self.tellings < MOST_TELLINGS).then(|| self.at + pause.delta())
    }

    /// Whether people hear of it now: the first time when it may be no hiccup, and when it is given up.
    pub fn is_news(&self) -> bool {
        self.tellings == WORTH_SAYING || self.tellings == MOST_TELLINGS
    }

    /// Whether it is known that some were not told, and of use to tell them.
    pub fn still_matters(&self, now: Time) -> bool {
        self.tellings >= WORTH_SAYING && now - self.at < Span::mins(60).delta()
    }

    fn says(&self, purpose: &Purpose, items: &[String]) -> bool {
        self.purpose == *purpose && self.items == items
    }
}

/// Whether those who were paged are told something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// They are.
    Now,
    /// Some did not take it, and are told again later.
    Later,
    /// They are not.
    No,
}

/// What those who were paged are told now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// The items of the packet that are said.
    pub items: Vec<String>,
    /// The channels that are told.
    pub to: Vec<String>,
    /// Which message of the path it is.
    pub number: u32,
}

impl Escalation {
    /// What some were told in vain for this purpose.
    pub fn untold_of(&self, purpose: &Purpose) -> Option<&Untold> {
        self.untold.iter().find(|untold| untold.purpose == *purpose)
    }

    /// When something that some did not take is told again next.
    pub fn told_again_at(&self, now: Time) -> Option<Time> {
        self.untold.iter().filter_map(Untold::again_at).filter(|at| *at > now).min()
    }

    /// Whether they are told this now, where these items are known. What is news to all waits for no channel; what only
    /// some did not take waits for its time, and once it was given up for the next news.
    pub fn owes(&self, purpose: &Purpose, is_known: impl Fn(&str) -> bool, now: Time) -> Owed {
        let untold = self.untold_of(purpose);
        let was_said = |item: &String| untold.is_some_and(|untold| untold.items.contains(item));
        let is_news = match purpose {
            Purpose::Filled => self.missing.iter().any(|item| is_known(item) && !was_said(item)),
            _ => untold.is_none() && self.told.as_ref() != Some(purpose),
        };
        match untold.and_then(Untold::again_at) {
            _ if is_news => Owed::Now,
            Some(at) if at <= now => Owed::Now,
            Some(_) => Owed::Later,
            None => Owed::No,
        }
    }

    /// What they are told now, if anything, where these items are known: news goes to all, with what some did not take;
    /// else only those hear it.
    pub fn follow_up(&self, purpose: &Purpose, known: &[String], now: Time) -> Option<FollowUp> {
        if self.owes(purpose, |item| known.iter().any(|known| known == item), now) != Owed::Now {
            return None;
        }
        let (untold, fills) = (self.untold_of(purpose), *purpose == Purpose::Filled);
        let is_missing = |item: &String| self.missing.contains(item);
        let is_said = |item: &&String| {
            fills && (is_missing(item) || untold.is_some_and(|untold| untold.items.contains(item)))
        };
        let items: Vec<String> = known.iter().filter(is_said).cloned().collect();
        if fills && items.is_empty() {
            return None;
        }
        let some = untold.filter(|_| !items.iter().any(is_missing));
        let to = some.map_or_else(|| self.paged.clone(), |untold| untold.channels.clone());
        let again = untold.filter(|untold| untold.says(purpose, &items));
        Some(FollowUp { items, to, number: again.map_or(self.tellings + 1, |untold| untold.number) })
    }

    /// They were told more. What no channel took they do not know; those that did not take it are told again.
    pub fn hear(&mut self, told: &Told, v: u32, at: Time) {
        let Told { purpose, items, receipts, path: _ } = told;
        let missed = receipts.iter().filter(|receipt| v >= TAKEN_SINCE && !receipt.accepted);
        let channels: Vec<String> = missed.map(|receipt| receipt.channel.clone()).collect();
        let fills = |purpose: &Purpose| *purpose == Purpose::Filled;
        let place = self.untold.iter().position(|untold| fills(&untold.purpose) == fills(purpose));
        let before = place.map(|place| self.untold.remove(place));
        let again = before.as_ref().filter(|untold| untold.says(purpose, items));
        if again.is_none() {
            self.tellings += 1;
        }
        if channels.is_empty() || channels.len() < receipts.len() {
            self.missing.retain(|item| !items.contains(item));
            if !fills(purpose) {
                self.told = Some(purpose.clone());
            }
        }
        if !channels.is_empty() {
            let same = |it: &&Untold| {
                it.purpose == *purpose && it.channels.iter().any(|channel| channels.contains(channel))
            };
            // Who does not take what was added either is no hiccup: people hear of it the sooner.
            let added = before.as_ref().filter(same).map_or(0, |it| it.tellings.min(WORTH_SAYING - 1));
            let tellings = again.map_or(added, |again| again.tellings) + 1;
            let number = again.map_or(self.tellings, |again| again.number);
            let (purpose, items) = (purpose.clone(), items.clone());
            self.untold.push(Untold { purpose, items, channels, number, tellings, at });
        }
    }

    /// What became known stays news to whoever did not hear it; how it stood does not, once it stands otherwise.
    pub(in crate::domain) fn forget_how_it_stood(&mut self) {
        self.untold.retain(|untold| untold.purpose == Purpose::Filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::escalation::Receipt;
    use crate::domain::record::FORMAT;
    use crate::domain::text::Outside;

    fn at(second: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(second).delta()
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn held() -> Purpose {
        Purpose::Acknowledged("ana".into())
    }

    /// A room and a pager that were paged with three items missing.
    struct Paged(Escalation);

    impl Paged {
        fn new() -> Self {
            let mut escalation = Escalation::new("incident", at(0));
            escalation.paged = words(&["room", "pager"]);
            escalation.missing = words(&["scope", "orders", "users"]);
            escalation.told = Some(Purpose::Page);
            Self(escalation)
        }

        /// What is told at this second where these items are known, to whom and as which message; these refuse it.
        fn tells(
            &mut self,
            second: u64,
            purpose: &Purpose,
            known: &[&str],
            refuse: &[&str],
        ) -> Option<FollowUp> {
            let follow_up = self.0.follow_up(purpose, &words(known), at(second))?;
            let receipt = |channel: &String| Receipt {
                channel: channel.clone(),
                accepted: !refuse.contains(&channel.as_str()),
                detail: Outside::default(),
            };
            let receipts = follow_up.to.iter().map(receipt).collect();
            let (path, items) = ("incident".to_owned(), follow_up.items.clone());
            let told = Told { path, purpose: purpose.clone(), items, receipts };
            self.0.hear(&told, FORMAT, at(second));
            Some(follow_up)
        }
    }

    fn told(items: &[&str], to: &[&str], number: u32) -> Option<FollowUp> {
        Some(FollowUp { items: words(items), to: words(to), number })
    }

    /// When, why, what is known, who refuses it; what is told.
    type Case<'a> = (u64, &'a Purpose, &'a [&'a str], &'a [&'a str], Option<FollowUp>);

    const BOTH: &[&str] = &["room", "pager"];
    const PAGER: &[&str] = &["pager"];

    #[test]
    fn news_goes_to_all_at_once_and_what_some_did_not_take_to_them_once_it_is_time() {
        let (filled, held) = (Purpose::Filled, held());
        let steps: &[Case<'_>] = &[
            (0, &filled, &[], &[], None),
            (0, &filled, &["scope"], PAGER, told(&["scope"], BOTH, 1)),
            (1, &held, &[], PAGER, told(&[], BOTH, 2)),
            // That somebody corrects what was said is no news, and makes it no sooner.
            (59, &filled, &["scope"], PAGER, None),
            (60, &filled, &["scope"], PAGER, told(&["scope"], PAGER, 1)),
            (60, &held, &[], PAGER, None),
            (61, &held, &[], PAGER, told(&[], PAGER, 2)),
            (179, &filled, &["scope"], PAGER, None),
            // However lately the pager was told in vain.
            (179, &filled, &["scope", "orders"], PAGER, told(&["scope", "orders"], BOTH, 3)),
            (181, &held, &[], &[], told(&[], PAGER, 2)),
            (182, &held, &[], &[], None),
            (418, &filled, &["scope", "orders"], &[], None),
            (419, &filled, &["scope", "orders"], &[], told(&["scope", "orders"], PAGER, 3)),
            (5000, &filled, &["scope", "orders"], &[], None),
            (5000, &filled, &["scope", "orders", "users"], &[], told(&["users"], BOTH, 4)),
        ];
        let mut paged = Paged::new();
        for (place, (second, purpose, known, refuse, expected)) in steps.iter().enumerate() {
            assert_eq!(paged.tells(*second, purpose, known, refuse), *expected, "{place}");
        }
        assert_eq!((paged.0.untold, paged.0.missing), (vec![], vec![]));
    }

    #[test]
    fn what_was_given_up_is_told_with_the_next_news_and_until_then_people_know_that_it_was_not() {
        let mut paged = Paged::new();
        let mut second = 0;
        while paged.tells(second, &Purpose::Filled, &["scope"], PAGER).is_some() {
            second += 600;
        }
        assert_eq!((second, paged.0.told_again_at(at(0))), (600 * 8, None));
        assert_eq!(paged.tells(9000, &Purpose::Filled, &["scope"], &[]), None);
        let news = paged.tells(9000, &Purpose::Filled, &["scope", "orders"], PAGER);
        assert_eq!(news, told(&["scope", "orders"], BOTH, 2));
        let untold = paged.0.untold_of(&Purpose::Filled).unwrap();
        assert!(untold.is_news() && untold.still_matters(at(9001)), "{untold:?}");
        let again = paged.tells(9240, &Purpose::Filled, &["scope", "orders"], &[]);
        assert_eq!((again, paged.0.untold), (told(&["scope", "orders"], PAGER, 2), vec![]));
    }

    #[test]
    fn what_no_channel_took_is_told_to_all_again_and_once_it_is_not_known_any_more_to_nobody() {
        let mut paged = Paged::new();
        assert_eq!(paged.tells(0, &Purpose::Filled, &["scope"], BOTH), told(&["scope"], BOTH, 1));
        assert_eq!(paged.tells(60, &Purpose::Filled, &[], &[]), None);
        assert_eq!(paged.tells(61, &Purpose::Filled, &["scope"], &[]), told(&["scope"], BOTH, 1));
    }
}
