//! How what was learnt is written down.

use super::{Illegal, Incident, illegal};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::phase::Phase;
use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;

impl Incident {
    /// Whether the root cause or an action item was written down after the post-mortem was published: it says nothing of
    /// that.
    pub fn is_published_early(&self) -> bool {
        let Some((at, _)) = &self.review.published else { return false };
        let items = self.deadlines.iter().filter(|set| set.kind == DeadlineKind::Item).map(|set| set.set_at);
        items.chain(self.review.root_cause_at).any(|written| written > *at)
    }

    /// What a post-mortem would not say yet: the root cause, action items.
    pub fn unsaid(&self) -> Vec<&'static str> {
        let parts = [
            (self.review.root_cause.is_none(), "the root cause"),
            (self.review.items.is_empty(), "action items"),
        ];
        parts.into_iter().filter(|(lacks, _)| *lacks).map(|(_, name)| name).collect()
    }

    pub(super) fn apply_review(&mut self, record: &Record) -> Result<(), Illegal> {
        let Some(by) = record.by.person() else { return illegal("only a person reviews") };
        match &record.entry {
            // The proof of an item may come long after the review.
            Entry::ItemDone { item, proof } => {
                if proof.is_blank() {
                    return illegal("an item is done once something proves it; say what");
                }
                let index = usize::try_from(*item).unwrap_or(0).wrapping_sub(1);
                let Some(done) = self.review.items.get_mut(index) else {
                    return illegal(format!("the review has no item {item}"));
                };
                if done.done.is_some() {
                    return illegal(format!("item {item} is done already"));
                }
                done.done = Some((proof.clone(), by.to_owned(), record.at));
                self.meet(DeadlineKind::Item, &item.to_string(), record.at, by);
            }
            _ if self.is_closed() => return self.is_over(),
            Entry::RootCauseFound { text } if text.is_blank() => return illegal("a root cause needs words"),
            Entry::RootCauseFound { text } => {
                self.review.root_cause = Some(text.clone());
                self.review.root_cause_at = Some(record.at);
            }
            Entry::ItemAdded { item } => {
                if item.text.is_blank() || item.owner.is_blank() || item.check.is_blank() {
                    return illegal("an item needs what, who, until when, and what proves it done");
                }
                self.review.items.push(item.clone());
                let title = format!("{}: {}", item.owner.raw(), item.text.raw());
                self.deadlines.push(Deadline {
                    kind: DeadlineKind::Item,
                    name: self.review.items.len().to_string(),
                    title: Outside::new(title),
                    due: item.due,
                    set_at: record.at,
                    announced: false,
                    missed: false,
                    met: None,
                });
            }
            Entry::Published { .. } if self.phase != Phase::Review => {
                return illegal("the post-mortem is published in Review");
            }
            Entry::Published { sha256 } => self.review.published = Some((record.at, sha256.clone())),
            _ => {}
        }
        Ok(())
    }
}
