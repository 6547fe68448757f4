//! What the console asks of the outside, carried out. Calls run as tasks; their answers come back as messages.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::editing::Draft;
use super::tell::Untold;
use super::{Ended, Next, Running, review};
use crate::backend::{Backend, Confirmation, Refusal};
use crate::console::effect::Effect;
use crate::console::ledger::{BATCH, Stretch};
use crate::console::measure::Counted;
use crate::console::message::Message;
use crate::console::model::Said;
use crate::domain::card::Account;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::identity::{Signature, Signing, Statement};
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::time::Time;
use crate::exec;
use crate::identity::Identity;
use crate::os::spawn;

/// How long the engine holds a question for changes back when there are none.
const WAIT: Duration = Duration::from_secs(20);
/// How long it may stay silent beyond that.
const GRACE: Duration = Duration::from_secs(10);
/// How soon an engine that did not answer is asked again; twice that the next time.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// How rarely it is asked at most.
const ASK_AGAIN_AT_MOST: Duration = Duration::from_secs(5);

impl Running {
    /// Carries out an effect, or notes it for the loop.
    pub(super) fn perform(&mut self, effect: Effect) {
        let caller = &self.caller;
        let (backend, operator) = (caller.backend.clone(), caller.operator.clone());
        match effect {
            Effect::LoadCatalogue => {
                drop(caller.ask("catalogue", async move {
                    Message::Listed(backend.catalogue(&operator).await.map(Box::new))
                }));
            }
            Effect::Load(asked) => {
                let known = IncidentId::parse(&asked).filter(|id| self.model.board.get(id).is_some());
                let load = caller.ask("load", async move {
                    let detail = match known {
                        Some(id) => backend.incident_known(&operator, &id).await,
                        None => backend.incident(&operator, &asked).await,
                    };
                    Message::Opened { asked, detail: detail.map(Box::new) }
                });
                if let Some(older) = self.loading.replace(load) {
                    older.abort();
                }
            }
            Effect::ReadAhead(id) => self.ahead = Some(id),
            Effect::FindApplicable(id) => {
                drop(caller.ask("applicable", async move {
                    let applicable = backend.applicable(&operator, &id).await;
                    Message::Found { id, applicable }
                }));
            }
            Effect::Plan { id, verb, parameters } => {
                drop(caller.ask("plan", async move {
                    let plan = backend.plan(&operator, &id, verb, parameters).await.map(Box::new);
                    Message::Planned { id, plan }
                }));
            }
            Effect::Record { token, id, seen, entry } => {
                let answers = caller.answers.clone();
                let recording = spawn::task("record", async move {
                    let acknowledges = matches!(*entry, Entry::Acknowledged { .. });
                    let incident = backend.record(&operator, &id, seen, *entry).await;
                    let held = incident.is_ok() && acknowledges;
                    // Nobody listens any more once the console has ended.
                    answers.send(Message::Recorded { token, incident }).await.ok();
                    if held {
                        for receipt in backend.acknowledge_there(&operator, &id).await {
                            let (id, receipt) = (id.clone(), receipt.map(Box::new));
                            answers.send(Message::AcknowledgedThere { id, receipt }).await.ok();
                        }
                    }
                });
                self.owe(recording);
            }
            Effect::Submit { hash, confirmation } => {
                let (identity, now) = (caller.identity.clone(), self.clock.now());
                let submission = caller.ask("submit", async move {
                    let confirmation = match identity {
                        Some(it) => {
                            // A plan that is not there any more is refused when it is submitted.
                            let plan = backend.look_up_plan(&operator, &hash).await;
                            let wanted = plan.map_or(Signing::Never, |plan| confirmation.signing(&plan));
                            let signature = sign(&it, wanted, &Statement::Request { plan: &hash }, now).await;
                            Confirmation { signature, ..confirmation }
                        }
                        None => confirmation,
                    };
                    let receipt = backend.submit(&operator, &hash, confirmation).await.map(Box::new);
                    Message::Submitted { hash, receipt }
                });
                self.owe(submission);
            }
            Effect::Approve { hash, ask, until, confirmation } => {
                let (identity, now) = (caller.identity.clone(), self.clock.now());
                let approval = caller.ask("approve", async move {
                    let approval = Statement::Approval { plan: &hash, ask, until };
                    let signature = match identity {
                        Some(it) => sign(&it, Signing::Needed, &approval, now).await,
                        None => None,
                    };
                    let confirmation = Confirmation { signature, ..confirmation };
                    let receipt = backend.approve(&operator, &hash, confirmation).await.map(Box::new);
                    Message::Approved { hash, receipt }
                });
                self.owe(approval);
            }
            Effect::ReadWatch { since } => {
                drop(caller.ask("read watch", async move {
                    let read = read_watch(&*backend, &operator, since).await;
                    Message::WatchRead { since, read }
                }));
            }
            Effect::Count { reach, at } => {
                drop(caller.ask("count", async move {
                    let counted = match backend.history(&operator, reach.since(at)).await {
                        Ok(all) => Ok(spawn::blocking(move || Box::new(Counted::of(&all, reach, at))).await),
                        Err(refusal) => Err(refusal),
                    };
                    Message::Counted { reach, of: at, counted }
                }));
            }
            Effect::ReadRecords(stretch) => {
                drop(caller.ask("records", async move {
                    let records = match stretch {
                        Stretch::Last => backend.newest(&operator, None, BATCH).await,
                        Stretch::Before(seq) => backend.newest(&operator, Some(seq), BATCH).await,
                        Stretch::From(seq) => backend.records(&operator, seq, BATCH).await,
                    };
                    Message::RecordsRead { stretch, records }
                }));
            }
            Effect::ReadStored(seq) => {
                drop(caller.ask("stored", async move {
                    Message::StoredRead { seq, stored: backend.stored(&operator, seq).await }
                }));
            }
            Effect::Verify => {
                drop(caller.ask("verify", async move { Message::Verified(backend.verify(&operator).await) }));
            }
            Effect::Refresh => {
                let refresh = async move { Message::Refreshed(backend.refresh(&operator).await) };
                drop(caller.ask("refresh", refresh));
            }
            Effect::Tie(tying) => {
                let tied = caller.ask("tie", async move {
                    let after = backend.tie(&operator, tying.tie.clone(), &tying.of, &tying.to).await;
                    Message::Tied { tying, after }
                });
                self.owe(tied);
            }
            Effect::OfferWatch { to, card } => {
                let offer = caller.ask("offer watch", async move {
                    let offered = backend.offer_watch(&operator, &to, card).await;
                    Message::WatchOffered { to, offered }
                });
                self.owe(offer);
            }
            Effect::TakeWatch { offer } | Effect::KeepWatch { offer } => {
                let take = caller.ask("take watch", async move {
                    Message::WatchTaken { offer, taken: backend.accept_watch(&operator, offer).await }
                });
                self.owe(take);
            }
            Effect::Publish { id, markdown } => {
                let folder = self.reviews.clone();
                let publication = caller.ask("publish", async move {
                    let published = review::publish(&*backend, &operator, &folder, &id, &markdown).await;
                    Message::Published { id, published }
                });
                self.owe(publication);
            }
            Effect::Deliver { seq, at: _, notice, watched } => {
                // Whoever writes in an editor sees nothing of the console.
                let watched = watched && self.editing.is_none();
                let about = notice.incident.as_ref().and_then(|id| self.model.board.get(id));
                let critical = notice.is_critical(about.map(AsRef::as_ref));
                let about = about.cloned();
                self.teller.tell(self.clock.now(), Untold { seq, notice, watched, critical, about });
            }
            Effect::Refuse { id, why } => self.teller.refuse(id, why),
            Effect::ReadPacket { id, path } => {
                drop(caller.ask("packet", async move {
                    let packet = backend.packet(&operator, &id, &path).await.map(Box::new);
                    Message::PacketRead { id, path, packet }
                }));
            }
            Effect::Open(report) => {
                let opening = caller
                    .ask("open", async move { Message::Reported(backend.open(&operator, *report).await) });
                self.owe(opening);
            }
            Effect::Copy(text) => self.teller.copy(&text),
            Effect::OpenLink(link) => {
                let opener = self.opener.clone();
                drop(caller.ask("open link", async move {
                    let opened = exec::open(&opener, link.url()).await;
                    Message::LinkOpened { host: link.host().to_owned(), opened }
                }));
            }
            Effect::Edit(handed) => self.next = Some(Next::Edit(Box::new(handed))),
            Effect::DropDraft => self.draft.take().iter().for_each(Draft::remove),
            Effect::Retitle(title) => self.screen.retitle(&title),
            Effect::Suspend => self.next = Some(Next::Suspend),
            Effect::Redraw => {
                self.screen.redraw();
                self.stale = true;
            }
            Effect::Quit => self.next = Some(Next::Leave(Ended::Quit)),
        }
    }

    /// Reads what a key may select next. The frame of the last key is written by then: nothing competes with that.
    pub(super) fn read_ahead(&mut self) {
        let Some(id) = self.ahead.take() else { return };
        let (backend, operator) = (self.caller.backend.clone(), self.caller.operator.clone());
        drop(self.caller.ask("read ahead", async move {
            let detail = backend.incident_known(&operator, &id).await.map(Box::new);
            Message::Opened { asked: id.to_string(), detail }
        }));
    }

    /// A call that changes something is finished before the program ends.
    fn owe(&mut self, call: JoinHandle<()>) {
        // Only when it would grow: thousands may begin at once.
        if self.owed.len() == self.owed.capacity() {
            self.owed.retain(|call| !call.is_finished());
        }
        self.owed.push(call);
    }
}

/// Every incident since then; those that go on with all there is of them.
async fn read_watch(backend: &dyn Backend, who: &Operator, since: Time) -> Result<Vec<Account>, Refusal> {
    let mut out = Vec::new();
    for incident in backend.history(who, since).await? {
        if incident.is_closed() && !incident.has_unknown() {
            out.push(Account { incident, records: Vec::new(), signals: Vec::new() });
        } else {
            let detail = backend.incident(who, &incident.id.to_string()).await?;
            let (incident, records, signals) = (detail.incident, detail.records, detail.signals);
            out.push(Account { incident, records, signals });
        }
    }
    Ok(out)
}

/// The operator's signature, where one is wanted. Where it cannot be had the engine decides whether it can do without.
async fn sign(
    identity: &Identity,
    wanted: Signing,
    statement: &Statement<'_>,
    now: Time,
) -> Option<Signature> {
    let signed = identity.sign_if(wanted, statement, now).await?;
    signed.inspect_err(|fault| tracing::warn!(why = %fault.detail.safe(), "not signed")).ok()
}

/// What calls the backend on behalf of the operator.
#[derive(Clone)]
pub(super) struct Caller {
    /// Whom.
    pub backend: Arc<dyn Backend>,
    /// On whose behalf.
    pub operator: Arc<Operator>,
    /// The key they act with, if they have one.
    pub identity: Option<Arc<Identity>>,
    /// Where answers go.
    pub answers: Sender<Message>,
}

impl Caller {
    /// Says what the demo's channels have received, now and whenever it is more.
    pub(super) async fn hear(self, mut sink: tokio::sync::watch::Receiver<Vec<Said>>) {
        loop {
            let said = sink.borrow_and_update().clone();
            if self.answers.send(Message::Heard(said)).await.is_err() || sink.changed().await.is_err() {
                return;
            }
        }
    }

    /// Starts a call whose answer is a message.
    fn ask(
        &self,
        name: &'static str,
        call: impl Future<Output = Message> + Send + 'static,
    ) -> JoinHandle<()> {
        let answers = self.answers.clone();
        spawn::task(name, async move {
            // Nobody listens any more once the console has ended.
            answers.send(call.await).await.ok();
        })
    }

    /// Follows the engine for ever: everything first, then every change as it comes.
    pub async fn follow(self) {
        let mut cursor = Cursor::default();
        let mut pause = ASK_AGAIN;
        loop {
            let asked = timeout(WAIT + GRACE, self.backend.changes(&self.operator, &cursor, WAIT));
            let message = match asked.await {
                Ok(Ok(changes)) => {
                    cursor = changes.cursor.clone();
                    pause = ASK_AGAIN;
                    Message::Changed(Box::new(changes))
                }
                Ok(Err(fault)) => Message::EngineLost(fault),
                Err(_) => Message::EngineLost(Fault::new(FaultKind::NoAnswer, "the engine does not answer")),
            };
            let lost = matches!(message, Message::EngineLost(_));
            if self.answers.send(message).await.is_err() {
                return;
            }
            if lost {
                sleep(pause).await;
                pause = (2 * pause).min(ASK_AGAIN_AT_MOST);
            }
        }
    }
}

#[cfg(test)]
mod tests;
