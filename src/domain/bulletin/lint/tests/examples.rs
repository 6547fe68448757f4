//! What each rule refuses, and what looks like it and is accepted.

use super::*;

/// Bulletins the rule refuses, and bulletins it accepts.
pub(super) fn of(rule: Rule) -> (Vec<Case>, Vec<Case>) {
    let say = |texts: &[&str]| texts.iter().map(|text| Case::new().said(text)).collect::<Vec<_>>();
    let texts = |refused: &[&str], accepted: &[&str]| (say(refused), say(accepted));
    match rule {
        Rule::Code => code(),
        Rule::EmptyPart => (
            vec![
                Case::new().said(" \u{200b}\n"),
                Case::new().said("N/A"),
                Case::new().with(|case| case.bulletin.headline = text("")),
                Case::new().with(|case| case.bulletin.impact = text("tbd.")),
                Case::new().with(|case| case.bulletin.todo = text("None")),
            ],
            vec![Case::new().with(|case| case.bulletin.todo = text("Nothing at the moment."))],
        ),
        Rule::Unfilled => texts(
            &[
                "Since {{started}} it is slow.",
                "Hello [your name], it is slow.",
                "Slow since TBD.",
                "Since ??? it is slow.",
            ],
            &["Is it slow for you? So it is for us."],
        ),
        Rule::Length => (
            vec![
                Case::new().said(&"It is slow. ".repeat(200)),
                Case::new().said(&"It is slow.\n".repeat(125)).with(|case| {
                    case.bulletin.impact = case.bulletin.happened.clone();
                }),
                Case::new().with(|case| case.bulletin.headline = text("It is slow\nand late")),
                Case::new().with(|case| case.bulletin.headline = text(&"slow ".repeat(30))),
            ],
            vec![
                Case::new().said(&"It is slow. ".repeat(100)),
                Case::new().said(&"It is slow.\n".repeat(100)),
                Case::new().said("It is slow.\n\nWe are on it."),
            ],
        ),
        Rule::Characters => texts(
            &[
                "It is s\u{200b}low.",
                "\u{202e}It is slow.",
                "It is\x1b[31m slow.",
                "It is ｓlow.",
                "It is sl\u{43e}w.",
                "It is \u{e0b0} slow.",
                "It is slow\u{fdfd}.",
            ],
            &[
                "C’est lent – désolé.",
                "Платежи задерживаются.",
                "取引が遅れています。",
                "تتأخر عمليات السحب.",
                "Slow 🙂 but steady",
            ],
        ),
        Rule::Markup => texts(
            &[
                "<b>Slow</b> today.",
                "<!channel> it is slow",
                "<@U123> it is slow",
                "@here it is slow",
                "[Status](https://status.example.com)",
                "It is **slow**.",
                "Slow &amp; late.",
            ],
            &["Fees < 1 and > 0 are slow.", "It is slow & late.", "- slow\n- late", "2 * 3 * 4 is slow"],
        ),
        Rule::PlainWords => (
            say(&[
                "Latency is high.",
                "A fail\u{ad}over is on.",
                "Degraded\nperformance.",
                "Two pods stopped.",
                "The matcher is slow.",
            ]),
            vec![
                Case::new().said("Trading is slower than usual; a podcast explains."),
                Case::new()
                    .said("Latency and timeouts are higher.")
                    .with(|c| c.bulletin.audience = Audience::Partners),
                Case::new().said("A failover is on.").with(|c| c.bulletin.audience = Audience::Internal),
            ],
        ),
        Rule::Acronyms => (
            say(&["The WAF is slow.", "Our SLOs are missed.", "The RCA follows."]),
            vec![
                Case::new()
                    .said("Deposits of BTC and USDT from the EU are slow until 15:00 UTC. Do NOT worry."),
                Case::new().said("Our service level objective (SLO) is missed; the SLO is one hour."),
                Case::new()
                    .said("We call it INC-1042. XYZ is slow, and so is PYTH/USDT. PYTH was new in Q4."),
                Case::new().said("The API is slow.").with(|c| c.bulletin.audience = Audience::Partners),
            ],
        ),
        Rule::Internals => texts(
            &[
                "The host db01.corp.example.com is slow.",
                "Something at https://wiki.corp.example.com/x is slow.",
                "10.0.0.7 does not answer.",
                "203.0.113.9 does not answer.",
                "fe80::1 and 2001:db8::8a2e:370:7334 are slow.",
                "gw.svc and auth.internal are slow.",
                "db-prod-01 is slow.",
                "order-gateway-7d9f8b6c5d-x2x4z stopped.",
                "All of eu-west-1 is slow.",
                "See /var/log/app.log for it.",
                "See C:\\logs\\x.txt for it.",
                "main.rs:42 stopped.",
                "at com.example.Order.place(Order.java:42)",
                "It said NullPointerException.",
                "WithdrawalQueueStuck fired.",
                "wd-signer-eu1 is slow.",
                "Reported as Q1ABCDEF2G to us.",
            ],
            &[
                "Between 13:40:10 and 13:55:00 UTC trading was slow.",
                "Trading and/or deposits are slow, 24/7, e.g. at 3 p.m. today.",
                "INC-1042: an error occurred in 1.5 of 100 cases.",
                "Version 2.10.3 of the app is slow in Germany.",
                "Web3 wallets are slow.",
            ],
        ),
        Rule::Secrets => texts(
            &[
                "Key AKIAIOSFODNN7EXAMPLE leaked.",
                "It was eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
                "-----BEGIN RSA PRIVATE KEY-----",
                "password: hunter22",
                "sk_live_abcdefghij was used.",
                "Hash 9f86d081884c7d659a2feaa0c55ad015.",
                "Sent to 0x52908400098527886E0F7030069857D2E4169EE7.",
                "Sent to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.",
                "Write to ana@gmail.com.",
                "Ring +44 20 7946 0958.",
                "Card 4111 1111 1111 1111.",
                "Account 88213 is concerned.",
                "Request 5f3c1a52-0f0e-4b52-9d5e-6f1d2a3b4c5d failed.",
            ],
            &[
                "Your password is not concerned. Write to support@example.com.",
                "Trades worth 1,000,000 USD on 2026-11-20 are slow.",
                "Everything is extraordinarilyuncharacteristicallyslow.",
                "See https://status.example.com/incidents/9f86d081884c7d659a2feaa0c55ad015",
            ],
        ),
        Rule::Links => texts(
            &[
                "See https://evil.example.",
                "See http://status.example.com.",
                "See https://status.example.com.evil.net/x",
                "See https://status.example.com@evil.net/x",
                "See https://status.example.com:8443/x",
                "See https://help.example.com.",
                "See bit.ly/x or example-status.com",
                "See ftp://status.example.com",
                "Use mailto:support@example.com",
                "See hxxps://evil[.]net",
            ],
            &[
                "See https://status.example.com/incidents/1.",
                "See status.example.com or https://en.help.example.com/a?b=c#d, please.",
            ],
        ),
        Rule::Requests => texts(
            &[
                "Log in here.",
                "Please sign in again to check.",
                "To be safe, verify your account.",
                "You must confirm your identity.",
                "Please enter your password and code.",
                "Your seed phrase is needed.",
                "Send your funds to the new wallet.",
                "Please transfer 2 coins.",
                "Click the link below.",
                "Follow this link.",
                "Connect your wallet.",
                "Your account will be closed.",
                "Download our new app.",
                "Go to our website to log in.",
                "Log\nin.",
                "If you have not done so, log in now.",
                "See the attachment.",
                "Reply with your card number.",
            ],
            &[
                "You may be unable to log in.",
                "Some customers could not sign in. Sign in is slow for others.",
                "You can sign in and trade as usual.",
                "We will never ask you to send funds, and never for your password or seed phrase.",
                "Please do not share your password with anybody.",
                "Do not click here and there, and never enter your password on other sites.",
                "You will be asked to sign in the next time you open the app.",
                "We will send you a message. Deposit of funds is slow.",
                "Customers trying to verify their identity see an error.",
            ],
        ),
        Rule::NextUpdate => (
            vec![
                Case::new().with(|case| case.bulletin.next_at = None),
                Case::new().with(|case| case.bulletin.next_at = Some(at(13, 59))),
                Case::new().with(|case| case.bulletin.status = Status::Resolved),
                Case::new().said("It is slow. Our next update comes at 15:00 UTC."),
            ],
            vec![
                Case::new().said("It is slow. Our next update comes at 14:20 UTC."),
                Case::new().said("It became slow again at 13:55 UTC."),
                Case::new().with(|case| {
                    case.bulletin.status = Status::Resolved;
                    case.bulletin.next_at = None;
                }),
            ],
        ),
        Rule::Series => series(),
        Rule::Figures => (
            vec![
                Case::new().said("It is slow for 50 customers."),
                Case::new().said("It is slow for about 12 thousand users."),
                Case::new().said("It is slow for 1,100 customers.").with(|case| case.context.users = None),
            ],
            say(&[
                "It is slow for about 1,200 customers.",
                "It is slow for between 1,000 and 1,200 of our customers.",
                "It is slow for 2% of customers; 40 of 50 orders are late.",
                "Since 13:40 UTC customers wait. On 19 November customers waited too.",
            ]),
        ),
        Rule::Certainty => (
            say(&[
                "We guarantee that it is over.",
                "Your funds are safe.",
                "No customer funds were lost.",
                "It will never happen again; never again.",
            ])
            .into_iter()
            .chain(calm())
            .collect(),
            vec![
                Case::new()
                    .asking("If we did not write to you, you do not need to do anything.")
                    .with(at_stake),
                Case::new()
                    .asking("Please look through your account for what you do not know.")
                    .with(at_stake),
                Case::new().asking("No action is needed.").with(|case| {
                    at_stake(case);
                    case.bulletin.audience = Audience::Internal;
                }),
                Case::new().said("All funds are safe.").with(|case| case.context.funds_at_risk = Some(false)),
                Case::new().said("We are checking whether funds are missing. It is impossible to withdraw."),
            ],
        ),
        Rule::Blame => texts(
            &["It was human error.", "A careless change made it slow.", "It was the fault of a supplier."],
            &["A change we made earlier today made it slow."],
        ),
    }
}

fn at_stake(case: &mut Case) {
    case.context.at_stake = true;
}

/// What must not be said while accounts or money may be at stake.
fn calm() -> impl Iterator<Item = Case> {
    [
        "You do not need to do anything.",
        "You don't have to do anything right now.",
        "No action is required.",
        "There is nothing you need to do.",
        "If you cannot sign in, wait. There's no need to do anything.",
    ]
    .into_iter()
    .map(|todo| Case::new().asking(todo).with(at_stake))
}

fn code() -> (Vec<Case>, Vec<Case>) {
    let code = Case::new().context.code;
    let other = VerificationCode::from_random([3; 8]);
    let of =
        |audience, reach| Case::new().with(|case| (case.bulletin.audience, case.reach) = (audience, reach));
    let refused = vec![
        Case::new().said(&format!("It is slow. Our code: {code}")),
        Case::new().said(&format!("It is slow. Our code: {other}")),
        of(Audience::Users, Reach::PerRecipient).said("It is slow, {{ anti_phishing_code }}."),
        of(Audience::Users, Reach::PerRecipient)
            .said(&format!("It is slow, {}", code.symbols().to_lowercase())),
        of(Audience::Internal, Reach::PerRecipient).said(MERGE_TOKEN_TEXT),
        Case::new().with(|case| case.bulletin.headline = text(&code.to_string())),
    ];
    let accepted = vec![
        of(Audience::Public, Reach::Broadcast),
        of(Audience::Partners, Reach::PerRecipient),
        of(Audience::Regulator, Reach::PerRecipient),
        of(Audience::Internal, Reach::Broadcast),
    ];
    (refused, accepted)
}

const MERGE_TOKEN_TEXT: &str = "It is slow: {{anti_phishing_code}}";

fn series() -> (Vec<Case>, Vec<Case>) {
    let monitoring = |case: &mut Case| case.bulletin.status = Status::Monitoring;
    let late = |case: &mut Case| case.context.now = at(14, 15);
    let before = "It is slow for 1,200 customers.";
    let refused = vec![
        Case::new().after(Status::Monitoring, "It is slow."),
        Case::new().after(Status::Resolved, "It was slow."),
        Case::new().said("It is slow for 1,000 customers.").after(Status::Identified, before),
        Case::new().with(late).after(Status::Identified, "It is slow."),
    ];
    let accepted = vec![
        Case::new().after(Status::Investigating, "It is slow."),
        Case::new().with(monitoring).after(Status::Identified, before),
        Case::new().said("The problem has come back.").after(Status::Resolved, "It was slow."),
        Case::new()
            .said("Earlier we said 1,200 customers; it is 1,000 customers.")
            .after(Status::Identified, before),
        Case::new().said(before).after(Status::Identified, before),
        Case::new()
            .with(late)
            .said("We are sorry that this comes late.")
            .after(Status::Identified, "It is slow."),
    ];
    (refused, accepted)
}
