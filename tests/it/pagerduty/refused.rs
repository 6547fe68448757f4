//! What it refuses in the middle of a list, and what it grants no more: it is left alone, and nothing is lost.

use std::time::Duration;

use quell::domain::fault::FaultKind;
use quell::domain::time::Span;

use super::reading::Asker;
use crate::support::pagerduty::Quota;

/// An account with two pages, of which what comes after the first is refused like this.
fn refused_after_a_page(route: &'static str, status: u16, wait: Option<u32>) -> Asker {
    let asker = Asker::new();
    for number in 1..=150 {
        asker.account().open(number, "burns");
    }
    asker.account().retry_after = wait;
    asker.account().on_page(move |account, page| {
        if page == 1 {
            account.refusals.push_back((route, status, 0));
        }
    });
    asker
}

#[tokio::test]
async fn who_is_refused_on_a_later_page_asks_nothing_more_and_goes_on_there() {
    for wait in [None, Some(9)] {
        let mut asker = refused_after_a_page("GET /incidents", 429, wait);
        let fault = asker.polled().await.unwrap_err();
        assert_eq!((fault.kind, fault.status), (FaultKind::Throttled, Some(429)), "{fault:?}");
        assert_eq!(fault.retry_after, wait.map(|secs| Span::secs(secs.into())));
        assert_eq!((asker.asked("/incidents"), asker.asked("/log_entries")), (2, 0));
        let answer = asker.answer().await;
        assert_eq!((answer.signals.len(), answer.complete), (150, true));
        assert_eq!(asker.asked("/incidents"), 3, "what was read is not asked for again");
    }
    let mut asker = refused_after_a_page("GET /incidents", 401, None);
    let fault = asker.polled().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthorised, "{fault:?}");
    assert_eq!(asker.asked("/log_entries"), 0);
}

#[tokio::test]
async fn who_is_refused_the_log_is_refused() {
    for (status, kind) in [(429, FaultKind::Throttled), (403, FaultKind::Unauthorised)] {
        let mut asker = refused_after_a_page("GET /log_entries", status, None);
        assert_eq!(asker.polled().await.unwrap_err().kind, kind);
        let answer = asker.answer().await;
        assert_eq!((answer.signals.len(), answer.complete), (150, true));
        let lists = if kind == FaultKind::Throttled { 2 } else { 4 };
        assert_eq!(asker.asked("/incidents"), lists, "{status}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_silences_it_for_no_hour() {
    let mut asker = Asker::new();
    asker.account().open(1, "burns");
    asker.account().quota = Some(Quota { left: 5, said: true });
    asker.polled().await.unwrap();
    assert!(asker.polled().await.unwrap_err().is_held_back(), "nothing more is granted");
    asker.account().quota = None;
    asker.now -= Span::mins(60).delta();
    assert_eq!(asker.polled().await.map(|_| ()), Ok(()), "that was said of another time");
}

#[tokio::test]
async fn a_list_that_takes_long_is_as_old_as_the_question_that_followed_it() {
    const A_PAGE: u64 = 30;
    let mut asker = Asker::new();
    for number in 1..=150 {
        asker.account().open(number, "burns");
    }
    asker.account().on_page(|_, _| std::thread::sleep(Duration::from_millis(A_PAGE)));
    let polled = asker.polled().await.unwrap();
    assert!(polled.after >= Span::millis(2 * A_PAGE), "{:?}", polled.after);
}
