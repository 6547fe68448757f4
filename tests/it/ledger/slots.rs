//! One open action per playbook and target: what takes over an unknown one has a slot of its own.

use quell::domain::action::{Outcome, Settlement, Verb};
use quell::domain::id::IncidentId;
use quell::domain::plan::{Basis, HttpRequest, Plan, Request};
use quell::domain::playbook::Confirm;
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::ledger::{Draft, Ledger, LedgerError};

use super::{ana, at, block, folder, opening};

/// Two incidents that may both freeze the same account.
struct Board {
    file: std::path::PathBuf,
    ledger: Ledger,
    first: IncidentId,
    second: IncidentId,
    _folder: tempfile::TempDir,
}

fn freeze() -> Verb {
    Verb::Contain { playbook: "freeze".into() }
}

impl Board {
    /// One whose first incident froze the account, with an outcome nobody knows.
    async fn unknown() -> Self {
        let (folder, file) = folder();
        let ledger = Ledger::open(&file, "ANA").unwrap();
        for title in ["gateway", "tokens"] {
            ledger.append(vec![Draft::opening(ana(), at(0), opening(title))]).await.unwrap();
        }
        let [first, second] = [1, 2].map(|number| IncidentId::new("ANA", number));
        let board = Self { file, ledger, first, second, _folder: folder };
        board.intends(&board.first, 1, freeze(), false).await.unwrap();
        board.goes_out(1, Outcome::Unknown).await;
        board
    }

    async fn intends(
        &self,
        id: &IncidentId,
        action: u32,
        verb: Verb,
        takes_over: bool,
    ) -> Result<(), LedgerError> {
        let entry = Entry::intended(action, Box::new(plan(id, verb)));
        let draft = Draft { takes_over, ..Draft::of(id, ana(), at(1), entry) };
        self.ledger.append(vec![draft]).await.map(drop)
    }

    async fn does(&self, entry: Entry) {
        self.ledger.append(vec![Draft::of(&self.first, ana(), at(1), entry)]).await.unwrap();
    }

    async fn goes_out(&self, action: u32, outcome: Outcome) {
        self.does(Entry::Sent { action }).await;
        self.does(Entry::answered(action, outcome, Outside::new(""))).await;
    }

    async fn verified(&self, action: u32) {
        let settlement = Settlement::Verified;
        self.does(Entry::Settled { action, settlement, detail: Outside::new("") }).await;
    }

    /// Which action of the first incident keeps the second one from freezing the account.
    async fn keeps_out(&self, takes_over: bool) -> Option<u32> {
        match self.intends(&self.second, 1, freeze(), takes_over).await {
            Ok(()) => None,
            Err(LedgerError::SlotTaken { incident, action }) if incident == "ANA-1" => Some(action),
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn plan(id: &IncidentId, verb: Verb) -> Plan {
    let request = HttpRequest {
        api: "exchange".into(),
        method: "POST".into(),
        url: "http://127.0.0.1:1/freeze".into(),
        headers: Default::default(),
        body: None,
        instead: Vec::new(),
    };
    Plan {
        hash: Default::default(),
        verb,
        title: "Freeze account".into(),
        target: Some(("account".into(), Outside::new("88213"))),
        parameters: Default::default(),
        request: Request::Http(request),
        look_up: None,
        verify: None,
        undone_by: None,
        blast: "one customer".into(),
        confirm: Confirm::Enter,
        approvals: 0,
        approval_because: Vec::new(),
        caps: Vec::new(),
        room: None,
        before: Vec::new(),
        idempotent: true,
        key_lifetime: None,
        key: "k".into(),
        warnings: Vec::new(),
        basis: Basis {
            incident: id.clone(),
            open: true,
            severity: Severity::High,
            owner: None,
            parameters: Default::default(),
            look_up: None,
            earlier: Vec::new(),
            ends: Vec::new(),
        },
        made_at: at(0),
    }
    .seal()
}

#[test]
fn the_unknown_one_keeps_others_out_when_what_took_it_over_has_ended() {
    block(async {
        let board = Board::unknown().await;
        assert_eq!(board.keeps_out(false).await, Some(1));
        board.intends(&board.first, 2, freeze(), true).await.unwrap();
        board.goes_out(2, Outcome::Refused).await;
        assert_eq!(board.keeps_out(false).await, Some(1));
        assert_eq!(board.keeps_out(true).await, None, "who says so takes it over");
    });
}

#[test]
fn what_is_on_the_wire_keeps_others_out_when_the_one_it_took_over_is_settled() {
    block(async {
        let board = Board::unknown().await;
        board.intends(&board.first, 2, freeze(), true).await.unwrap();
        assert_eq!(board.keeps_out(true).await, Some(2), "what is on the wire is not taken over");
        board.does(Entry::Sent { action: 2 }).await;
        board.verified(1).await;
        assert_eq!(board.keeps_out(true).await, Some(2));
    });
}

#[test]
fn a_proven_undo_lets_others_in_at_once_and_after_a_rebuild() {
    block(async {
        let board = Board::unknown().await;
        let undo = Verb::Undo { playbook: "freeze".into(), action: 1 };
        board.intends(&board.first, 2, undo, true).await.unwrap();
        assert_eq!(board.keeps_out(true).await, Some(2));
        board.goes_out(2, Outcome::Accepted).await;
        assert_eq!(board.keeps_out(false).await, None, "nothing is open any more");

        let direct = rusqlite::Connection::open(&board.file).unwrap();
        let open = || {
            direct
                .query_row("SELECT group_concat(incident || action) FROM open_actions", [], |row| row.get(0))
        };
        let kept: Option<String> = open().unwrap();
        direct.execute_batch("UPDATE projected SET seq = 0").unwrap();
        drop(Ledger::open(&board.file, "ANA").unwrap());
        assert_eq!(open().unwrap(), kept, "the slots are those of the records");
    });
}
