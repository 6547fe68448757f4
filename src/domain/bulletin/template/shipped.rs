//! The templates every quell knows. Filled, each passes the lint as it is.

use super::{Known, Template};
use crate::domain::bulletin::{Audience, Status};

/// The shipped template for this audience and status, which says no more than is known: that the effect is limited only
/// where it is, and that nobody need do anything only where neither accounts nor money are at stake.
pub fn shipped(audience: Audience, status: Status, known: &Known) -> Template {
    let [mut headline, mut happened, impact, mut todo] = match audience {
        Audience::Users | Audience::Public => to_customers(status),
        Audience::Partners => to_partners(status),
        Audience::Regulator => to_a_regulator(status),
        Audience::Internal => to_the_house(status),
    };
    if known.limited && status == Status::Investigating {
        [headline, happened] = limited(audience, headline);
    }
    if known.at_stake && matches!(audience, Audience::Users | Audience::Public) {
        todo = at_stake(status);
    }
    Template {
        headline: headline.to_owned(),
        happened: happened.to_owned(),
        impact: impact.to_owned(),
        todo: todo.to_owned(),
    }
}

/// What is said while the cause is not known and a containment holds.
fn limited(audience: Audience, headline: &'static str) -> [&'static str; 2] {
    match audience {
        Audience::Users | Audience::Public | Audience::Partners => [
            "We limited a problem with {{product}} and are working on it",
            "Since {{started}} we see a problem with {{product}}. We limited its effect, and are still looking for \
             the cause.",
        ],
        Audience::Regulator => [
            headline,
            "Since {{started}} there is an incident concerning {{product}}. Its effect is limited; its cause is \
             under investigation.",
        ],
        Audience::Internal => [
            headline,
            "Since {{started}} there is a problem with {{product}}. Its effect is limited; the cause is not known \
             yet.",
        ],
    }
}

/// What customers should do when their accounts or their money may be at stake.
fn at_stake(status: Status) -> &'static str {
    match status {
        Status::Investigating => {
            "Please look through your account for anything you do not recognise, and contact our support in the app \
             if you find something. We never ask for a password or a code. We will tell you more at {{next}}."
        }
        Status::Identified | Status::Monitoring | Status::Resolved => {
            "Please look through your account for anything you do not recognise, and contact our support in the app \
             if you find something. We never ask for a password or a code."
        }
    }
}

fn to_customers(status: Status) -> [&'static str; 4] {
    match status {
        Status::Investigating => [
            "We are investigating a problem with {{product}}",
            "Since {{started}} we see a problem with {{product}}. We are looking for the cause.",
            "{{product}} may be slow or not work for you. The problem affects {{users}}.",
            "You do not need to do anything right now. We will tell you more at {{next}}.",
        ],
        Status::Identified => [
            "We found the cause of the problem with {{product}}",
            "Since {{started}} there is a problem with {{product}}. We found the cause and are working on it.",
            "Until it is solved, {{product}} may be slow or not work for you. The problem affects {{users}}.",
            "You do not need to do anything. Please do not repeat a request that seems to have failed; it may \
             still go through.",
        ],
        Status::Monitoring => [
            "The problem with {{product}} is solved and we keep watching",
            "The problem with {{product}} that began at {{started}} is solved. We are watching closely that it \
             stays so.",
            "You can use {{product}} as usual. The problem affected {{users}}.",
            "You do not need to do anything. If something still looks wrong, please contact our support in \
             the app.",
        ],
        Status::Resolved => [
            "The problem with {{product}} is over",
            "The problem with {{product}} that began at {{started}} is over.",
            "You can use {{product}} as usual. The problem affected {{users}}.",
            "You do not need to do anything. If something still looks wrong, please contact our support in \
             the app.",
        ],
    }
}

fn to_partners(status: Status) -> [&'static str; 4] {
    match status {
        Status::Investigating => [
            "We are investigating a problem with {{product}}",
            "Since {{started}} we see a problem with {{product}}. We are looking for the cause.",
            "Requests of your integration that concern {{product}} may be slow or fail. The problem affects \
             {{users}}.",
            "Please keep your retries as they are. We will tell you more at {{next}}.",
        ],
        Status::Identified => [
            "We found the cause of the problem with {{product}}",
            "Since {{started}} there is a problem with {{product}}. We found the cause and are working on it.",
            "Requests of your integration that concern {{product}} may be slow or fail. The problem affects \
             {{users}}.",
            "Before you repeat a request that seems to have failed, please look up whether it went through.",
        ],
        Status::Monitoring => [
            "The problem with {{product}} is solved and we keep watching",
            "The problem with {{product}} that began at {{started}} is solved. We are watching closely that it \
             stays so.",
            "Your integration can use {{product}} as usual. The problem affected {{users}}.",
            "Please look up requests you made since {{started}} whose outcome you do not know.",
        ],
        Status::Resolved => [
            "The problem with {{product}} is over",
            "The problem with {{product}} that began at {{started}} is over.",
            "Your integration can use {{product}} as usual. The problem affected {{users}}.",
            "Please look up requests you made since {{started}} whose outcome you do not know.",
        ],
    }
}

fn to_a_regulator(status: Status) -> [&'static str; 4] {
    match status {
        Status::Investigating => [
            "Incident concerning {{product}}: first report",
            "Since {{started}} there is an incident concerning {{product}}. Its cause is under investigation.",
            "The incident affects {{users}}.",
            "No action is asked of you. We will report again at {{next}}.",
        ],
        Status::Identified => [
            "Incident concerning {{product}}: cause found",
            "The cause of the incident concerning {{product}} that began at {{started}} is found and being \
             removed.",
            "The incident affects {{users}}.",
            "No action is asked of you. We will report again at {{next}}.",
        ],
        Status::Monitoring => [
            "Incident concerning {{product}}: service restored",
            "The service concerned by the incident with {{product}} that began at {{started}} is restored. We are \
             watching it.",
            "The incident affected {{users}}.",
            "No action is asked of you. We will report again at {{next}}.",
        ],
        Status::Resolved => [
            "Incident concerning {{product}}: closed",
            "The incident concerning {{product}} that began at {{started}} is over.",
            "The incident affected {{users}}.",
            "No action is asked of you. A review follows.",
        ],
    }
}

fn to_the_house(status: Status) -> [&'static str; 4] {
    match status {
        Status::Investigating => [
            "{{product}}: we are investigating",
            "Since {{started}} there is a problem with {{product}}. The cause is not known yet.",
            "Affects {{users}}.",
            "Refer questions of customers to the official bulletins. More at {{next}}.",
        ],
        Status::Identified => [
            "{{product}}: cause found",
            "The cause of the problem with {{product}} that began at {{started}} is found.",
            "Affects {{users}}.",
            "Refer questions of customers to the official bulletins. More at {{next}}.",
        ],
        Status::Monitoring => [
            "{{product}}: solved, we keep watching",
            "The problem with {{product}} that began at {{started}} is solved. We keep watching.",
            "Affected {{users}}.",
            "Report anything that still looks wrong to the response lead. More at {{next}}.",
        ],
        Status::Resolved => [
            "{{product}}: over",
            "The problem with {{product}} that began at {{started}} is over.",
            "Affected {{users}}.",
            "Report anything that still looks wrong to the person on call.",
        ],
    }
}
