//! The popups about incidents: which are on the desktop, and which have nothing to say any more.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use crate::domain::id::IncidentId;
use crate::domain::notice::Notice;

/// The newest popup about each incident.
#[derive(Default)]
pub(super) struct Popups(BTreeMap<IncidentId, Open>);

struct Open {
    notice: Notice,
    close: oneshot::Sender<()>,
}

/// Whoever watches a popup hears by this that it is to be closed, or by its end that another took its place.
pub(super) type Closing = oneshot::Receiver<()>;

impl Popups {
    /// A popup of this notice; whoever watches the one before it stops.
    pub(super) fn open(&mut self, notice: &Notice) -> Option<Closing> {
        let (close, closing) = oneshot::channel();
        let open = Open { notice: notice.clone(), close };
        self.0.insert(notice.incident.clone()?, open);
        Some(closing)
    }

    /// Has those closed that do not matter any more.
    pub(super) fn settle(&mut self, matters: impl Fn(&Notice) -> bool) {
        let settled: Vec<IncidentId> =
            self.0.iter().filter(|(_, open)| !matters(&open.notice)).map(|(id, _)| id.clone()).collect();
        for open in settled.iter().filter_map(|id| self.0.remove(id)) {
            // One that was pressed, or dismissed, is watched by nobody.
            open.close.send(()).ok();
        }
    }

    /// The one about this incident says something else from now on, and is not watched.
    pub(super) fn forget(&mut self, id: &IncidentId) {
        self.0.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::NoticeKind;
    use crate::domain::text::Outside;

    fn notice(number: u64, kind: NoticeKind) -> Notice {
        Notice::new(kind, Some(IncidentId::new("ANA", number)), Outside::new("x"))
    }

    #[test]
    fn what_is_settled_is_closed_and_what_is_replaced_only_left() {
        let mut popups = Popups::default();
        let mut first = popups.open(&notice(1, NoticeKind::NewCritical)).unwrap();
        let mut again = popups.open(&notice(1, NoticeKind::Unacknowledged)).unwrap();
        let mut other = popups.open(&notice(2, NoticeKind::NewCritical)).unwrap();
        assert_eq!(first.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        popups.settle(|notice| notice.incident == Some(IncidentId::new("ANA", 2)));
        assert_eq!(again.try_recv(), Ok(()));
        assert_eq!(other.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        assert!(popups.open(&Notice { incident: None, ..notice(3, NoticeKind::Blind) }).is_none());
    }
}
