//! How bulletins leave and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::action::{Action, ActionId, Outcome, Stage, Verb};
use crate::domain::bulletin::{Audience, Bulletin, Status};
use crate::domain::category::Category;
use crate::domain::classification::Funds;
use crate::domain::deadline::DeadlineKind;
use crate::domain::phase::Phase;
use crate::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted, Entry, Record,
};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What one channel made of a bulletin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// What it amounts to; `None` while it is on its way.
    pub outcome: Option<Outcome>,
    /// In one line.
    pub detail: Outside,
    /// What the other side calls the series.
    pub reference: Option<Outside>,
    /// Whether readers can see it, where that was looked at.
    pub visible: Option<bool>,
}

/// A bulletin that left, or is leaving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBulletin {
    /// What it says.
    pub bulletin: Bulletin,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What each channel made of it.
    pub channels: BTreeMap<String, Posted>,
}

impl SentBulletin {
    /// Whether a channel's answer is missing.
    pub fn is_unanswered(&self) -> bool {
        self.channels.values().any(|posted| posted.outcome.is_none())
    }
}

impl Incident {
    pub(super) fn apply_bulletin(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::BulletinStarted(BulletinStarted { number, bulletin, code, to }) => {
                let Some(by) = record.by.person() else {
                    return illegal("only a person speaks for the house");
                };
                if usize::try_from(*number) != Ok(self.bulletins.len() + 1) {
                    return illegal("bulletins are numbered without gaps");
                }
                if self.code.as_ref().is_some_and(|known| known != code) {
                    return illegal("its bulletins carry another verification code");
                }
                if to.is_empty() {
                    return illegal("a bulletin needs a channel");
                }
                self.keep_missed(record.at);
                self.code = Some(code.clone());
                let channels = to.iter().map(|channel| (channel.clone(), Posted::default())).collect();
                let bulletin = (**bulletin).clone();
                self.bulletins.push(SentBulletin { bulletin, by: by.to_owned(), at: record.at, channels });
            }
            Entry::BulletinAnswered(BulletinAnswered { number, channel, outcome, detail, reference }) => {
                let posted = self.posted(*number, channel)?;
                // What may have been posted can still turn out to be.
                let settles = posted.outcome == Some(Outcome::Unknown);
                if posted.outcome.is_some() && !settles {
                    return illegal("that channel has answered already");
                }
                posted.outcome = Some(*outcome);
                posted.detail = detail.clone();
                posted.reference = reference.clone().or(posted.reference.take());
                if *outcome == Outcome::Accepted {
                    self.spoken(*number, record.at, record.by.name());
                }
            }
            Entry::BulletinSeen(BulletinSeen { number, channel, visible, detail }) => {
                let posted = self.posted(*number, channel)?;
                posted.visible = Some(*visible);
                posted.detail = detail.clone();
            }
            Entry::BulletinSettled(BulletinSettled { number, channel, posted: stands, note }) => {
                let Some(by) = record.by.person().filter(|_| !note.is_blank()) else {
                    return illegal("settling by hand needs a person and a note");
                };
                let posted = self.posted(*number, channel)?;
                if posted.outcome != Some(Outcome::Unknown) {
                    return illegal("it is known what became of it there");
                }
                posted.outcome = Some(if *stands { Outcome::Accepted } else { Outcome::NotSent });
                posted.detail = note.clone();
                if *stands {
                    self.spoken(*number, record.at, by);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn posted(&mut self, number: u32, channel: &str) -> Result<&mut Posted, Illegal> {
        let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        let sent = self.bulletins.get_mut(index);
        let posted = sent.and_then(|sent| sent.channels.get_mut(channel));
        posted.ok_or_else(|| Illegal(format!("bulletin {number} was not for {channel}")))
    }

    /// The audience has heard: what was due to it is met.
    fn spoken(&mut self, number: u32, at: Time, by: &str) {
        let index = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        if let Some(audience) = self.bulletins.get(index).map(|sent| sent.bulletin.audience) {
            self.meet(DeadlineKind::Bulletin, audience.word(), at, by);
        }
    }

    /// The last bulletin to an audience that some channel took, or may have taken.
    pub fn last_bulletin(&self, audience: Audience) -> Option<&SentBulletin> {
        let told = |sent: &&SentBulletin| {
            sent.bulletin.audience == audience && sent.channels.values().any(Posted::may_be_read)
        };
        self.bulletins.iter().rev().find(told)
    }

    /// Since when readers have to hear of it: since it became one that they are told of, or came back; of one that nobody
    /// had to be told of, since somebody was. `None` while neither is so.
    pub fn bulletins_due_since(&self) -> Option<Time> {
        let told = || self.bulletins.first().map(|sent| sent.at);
        let due = self.milestones.bulletins_due.or_else(told)?;
        let back = self.phases.windows(2).rev().find_map(|moved| match moved {
            [(before, _), (after, at)] if !before.is_open() && after.is_open() => Some(*at),
            _ => None,
        });
        Some(back.map_or(due, |back| back.max(due)))
    }

    /// Whether the first of a series is due to an audience: it was told nothing yet, or that it is over.
    pub(super) fn begins_series(&self, audience: &str) -> bool {
        let known = Audience::ALL.into_iter().find(|one| one.word() == audience);
        let last = known.and_then(|audience| self.last_bulletin(audience));
        last.is_none_or(|sent| sent.bulletin.status == Status::Resolved)
    }

    /// The status of its next bulletin to an audience, as far as the record bears it out: that the cause was found, or
    /// that it works again, is said by nobody but a person and what watches it.
    pub fn fitting_status(&self, audience: Audience) -> Status {
        match self.phase {
            Phase::Identify => Status::Investigating,
            Phase::Review | Phase::Closed => Status::Resolved,
            Phase::Recover if self.works_again() => Status::Monitoring,
            Phase::Contain | Phase::Mitigate | Phase::Recover if self.is_cause_known(audience) => {
                Status::Identified
            }
            Phase::Contain | Phase::Mitigate | Phase::Recover => Status::Investigating,
        }
    }

    /// What watches it says so; where nothing does, its signals fire no more. Of one without any nobody can know.
    fn works_again(&self) -> bool {
        let fell_silent = !self.signals.is_empty() && self.firing() == 0;
        self.health.as_ref().map_or(fell_silent, |health| health.healthy)
    }

    /// Somebody wrote it down, or the last bulletin that this audience was told said that it was found.
    fn is_cause_known(&self, audience: Audience) -> bool {
        let told = |sent: &&SentBulletin| {
            let accepted = |posted: &Posted| posted.outcome == Some(Outcome::Accepted);
            sent.bulletin.audience == audience && sent.channels.values().any(accepted)
        };
        let last = self.bulletins.iter().rev().find(told);
        let said = last.filter(|sent| sent.bulletin.status == Status::Identified).map(|sent| sent.at);
        self.review.root_cause_at.into_iter().chain(said).any(|at| self.is_since_return(at))
    }

    /// Whether its effect is limited: a containment that was begun since it burns is proved, and neither undone, nor
    /// possibly undone, nor over by its own time. A silence limits nothing.
    pub fn is_limited(&self, now: Time) -> bool {
        let holds = |action: &Action| {
            matches!(action.plan.verb, Verb::Contain { .. })
                && action.stage == Stage::Verified
                && self.is_since_return(action.at)
                && action.lasts_until().is_none_or(|end| end > now)
                && !self.may_be_undone(action.id)
        };
        self.actions.values().any(holds)
    }

    /// Whether an undo of it is under way, or may have been done.
    fn may_be_undone(&self, id: ActionId) -> bool {
        let in_vain = |stage| matches!(stage, Stage::Refused | Stage::NotSent | Stage::NotDone);
        self.actions.values().any(|undo| {
            matches!(undo.plan.verb, Verb::Undo { action, .. } if action == id) && !in_vain(undo.stage)
        })
    }

    /// Whether it speaks of what burns now: it came after that began.
    fn is_since_return(&self, at: Time) -> bool {
        self.returned_at.is_none_or(|back| at > back)
    }

    /// Whether readers may have to look after their accounts or their money: somebody is where they may not be, or
    /// funds are, or may be, at risk.
    pub fn concerns_accounts(&self) -> bool {
        match self.classification.funds {
            Some(Funds::Yes | Funds::Unknown) => true,
            // Nobody has looked.
            None if matches!(self.category, Category::Anomaly | Category::Integrity) => true,
            _ => self.category == Category::UnauthorizedAccess,
        }
    }

    /// The bulletins that may have been posted, by their numbers from 1, and where.
    pub fn unknown_postings(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..).zip(&self.bulletins).flat_map(|(number, sent)| {
            let unknown = sent.channels.iter().filter(|(_, it)| it.outcome == Some(Outcome::Unknown));
            unknown.map(move |(channel, _)| (number, channel.as_str()))
        })
    }

    /// Whether the newest bulletin to some audience ended like this on a channel.
    pub fn newest_bulletin_is(&self, so: impl Fn(&Posted) -> bool) -> bool {
        let newest: BTreeMap<Audience, &SentBulletin> =
            self.bulletins.iter().map(|sent| (sent.bulletin.audience, sent)).collect();
        newest.values().flat_map(|sent| sent.channels.values()).any(so)
    }

    /// What the other side calls the open series of an audience on a channel. It is over only where the last word was
    /// taken.
    pub fn series(&self, audience: Audience, channel: &str) -> Option<&Outside> {
        self.series_before(self.bulletins.len() + 1, audience, channel)
    }

    /// The same as it was before the bulletin of this number left.
    pub fn series_before(&self, number: usize, audience: Audience, channel: &str) -> Option<&Outside> {
        let earlier = self.bulletins.iter().take(number.saturating_sub(1)).rev();
        let to_audience = earlier.filter(|sent| sent.bulletin.audience == audience);
        let on_channel = to_audience.filter_map(|sent| Some((sent, sent.channels.get(channel)?)));
        let open = on_channel.take_while(|(sent, posted)| {
            sent.bulletin.status != Status::Resolved || posted.outcome != Some(Outcome::Accepted)
        });
        open.filter_map(|(_, posted)| posted.reference.as_ref()).next()
    }

    /// The channels, and whose readers there were told something and not yet that it is over.
    pub fn open_series(&self) -> BTreeSet<(&str, Audience)> {
        let mut open = BTreeSet::new();
        for sent in &self.bulletins {
            for (channel, posted) in &sent.channels {
                let series = (channel.as_str(), sent.bulletin.audience);
                let over = sent.bulletin.status == Status::Resolved;
                match posted.outcome {
                    Some(Outcome::Accepted) if over => drop(open.remove(&series)),
                    Some(Outcome::Accepted | Outcome::Unknown) if !over => drop(open.insert(series)),
                    _ => {}
                }
            }
        }
        open
    }

    /// Who waits for a bulletin: those who were told something and not yet that it is over, and those who should have
    /// been told something by now.
    pub fn owed_bulletins(&self, at: Time) -> BTreeSet<Audience> {
        let late = |audience: &Audience| {
            let set = self.deadline(DeadlineKind::Bulletin, audience.word());
            set.is_some_and(|set| set.is_open() && set.due <= at)
        };
        let told = self.open_series().into_iter().map(|(_, audience)| audience);
        told.chain(Audience::ALL.into_iter().filter(late)).collect()
    }
}

impl Posted {
    /// Whether its readers have to be told some other way, or the same once more.
    pub fn is_unread(&self) -> bool {
        match self.outcome {
            Some(Outcome::Accepted) => self.visible == Some(false),
            Some(Outcome::Refused | Outcome::NotSent) => true,
            Some(Outcome::Unknown) | None => false,
        }
    }

    /// Whether a reader may have it before their eyes.
    pub fn may_be_read(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Accepted | Outcome::Unknown))
    }
}
