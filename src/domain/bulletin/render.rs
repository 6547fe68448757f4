//! A bulletin to the letter: what was written within our frame, with the code that proves who speaks.

use serde::{Deserialize, Serialize};

use super::{Bulletin, MERGE_TOKEN, Reach, Status, VerificationCode};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What leaves, to the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// One line.
    pub subject: Outside,
    /// Plain text.
    pub body: Outside,
}

/// Puts a bulletin into its frame. `checked_at` is the official host that shows the code.
pub fn render(
    bulletin: &Bulletin,
    reach: Reach,
    code: &VerificationCode,
    checked_at: Option<&str>,
) -> Letter {
    let section = |title: &str, text: &Outside| format!("{title}\n{}\n", text.raw().trim());
    let mut sections = vec![
        format!("Status: {}\n", bulletin.status.word()),
        section("What happened", &bulletin.happened),
        section("What it means for you", &bulletin.impact),
        section("What you should do", &bulletin.todo),
    ];
    sections.push(match bulletin.next_at {
        Some(at) => format!("Next update at {}\n", spoken(at)),
        None if bulletin.status == Status::Resolved => {
            "This is our last update about this incident.\n".to_owned()
        }
        None => "No next update is announced.\n".to_owned(),
    });
    if bulletin.audience.needs_code() {
        sections.push(format!("How to check that this is genuine\n{}\n", proof(reach, code, checked_at)));
    }
    Letter { subject: Outside::new(bulletin.headline.raw().trim()), body: Outside::new(sections.join("\n")) }
}

/// `14:20 UTC, 20 November 2026`.
pub(super) fn spoken(at: Time) -> String {
    at.format("%H:%M UTC, %-d %B %Y").to_string()
}

fn proof(reach: Reach, code: &VerificationCode, checked_at: Option<&str>) -> String {
    match reach {
        Reach::PerRecipient => format!(
            "Your own anti-phishing code: {MERGE_TOKEN}\nIf this is not the code you chose, the message is not from us. \
             We never ask for a password, a code or a transfer in a message."
        ),
        Reach::Broadcast => {
            let place = match checked_at {
                Some(host) => format!("at https://{host}"),
                None => "on our official website".to_owned(),
            };
            format!(
                "The code of this incident: {code}\nThe same code is shown {place}. \
                 We never ask for a password, a code or a transfer in a message."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::domain::bulletin::Audience;

    fn bulletin() -> Bulletin {
        Bulletin {
            audience: Audience::Users,
            status: Status::Identified,
            headline: Outside::new("Withdrawals are delayed"),
            happened: Outside::new("One of our systems stopped at 13:40 UTC.\n"),
            impact: Outside::new("Your withdrawal may arrive later."),
            todo: Outside::new("You do not need to do anything."),
            next_at: chrono::Utc.with_ymd_and_hms(2026, 11, 20, 14, 20, 0).single(),
        }
    }

    #[test]
    fn a_broadcast_carries_the_incident_s_code() {
        let code = VerificationCode::from_random([9; 8]);
        let letter = render(&bulletin(), Reach::Broadcast, &code, Some("status.example.com"));
        assert_eq!(letter.subject.raw(), "Withdrawals are delayed");
        assert_eq!(
            letter.body.raw(),
            format!(
                "Status: identified\n\nWhat happened\nOne of our systems stopped at 13:40 UTC.\n\n\
                 What it means for you\nYour withdrawal may arrive later.\n\n\
                 What you should do\nYou do not need to do anything.\n\n\
                 Next update at 14:20 UTC, 20 November 2026\n\n\
                 How to check that this is genuine\nThe code of this incident: {code}\n\
                 The same code is shown at https://status.example.com. \
                 We never ask for a password, a code or a transfer in a message.\n"
            )
        );
    }

    #[test]
    fn a_letter_to_each_reader_carries_the_mailer_s_token_and_no_other() {
        let code = VerificationCode::from_random([9; 8]);
        let letter = render(&bulletin(), Reach::PerRecipient, &code, None);
        assert_eq!(letter.body.raw().matches(MERGE_TOKEN).count(), 1);
        assert!(!letter.body.raw().contains(&code.to_string()));
    }

    #[test]
    fn those_who_need_no_code_get_none_and_the_last_one_says_so() {
        let code = VerificationCode::from_random([9; 8]);
        let last =
            Bulletin { audience: Audience::Regulator, status: Status::Resolved, next_at: None, ..bulletin() };
        let body = render(&last, Reach::Broadcast, &code, None).body;
        assert!(!body.raw().contains("genuine") && !body.raw().contains(&code.to_string()));
        assert!(body.raw().ends_with("This is our last update about this incident.\n"));
    }
}
