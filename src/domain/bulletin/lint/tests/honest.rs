//! Bulletins as a communications lead writes them, which pass untouched.

use super::*;

const HONEST: [[&str; 4]; 12] = [
    [
        "Delays with BTC and ETH withdrawals",
        "Since 13:40 UTC, withdrawals of BTC and ETH are taking longer than usual. We have found the cause – a fault \
         in one of our systems – and our team is fixing it.",
        "Withdrawals you request now may take up to two hours. Deposits, trading and other coins are not affected.",
        "You don't need to do anything. Please do not submit the same withdrawal twice; it will be processed in order.",
    ],
    [
        "Some customers cannot log in",
        "At around 12:15 UTC we noticed that some of you couldn't log in to the app or the website. We're investigating.",
        "If you are affected, you will see the message “Something went wrong”. Open orders remain in place.",
        "Please wait a few minutes before you try to log in again. There is no need to change your password.",
    ],
    [
        "Suspicious access to a small number of accounts",
        "Today we detected that somebody tried passwords stolen from other websites on our accounts. We stopped it at \
         13:20 UTC and have temporarily locked the accounts concerned.",
        "About 1,100 customers are affected. We have contacted each of them in the app. If you did not hear from us, \
         your account is not affected.",
        "As a precaution, use a password that you use nowhere else. We will never ask for your password, your 2FA \
         codes or your seed phrase.",
    ],
    [
        "Trading is paused",
        "We paused trading at 13:55 UTC because prices for SOL/USDT were wrong. We'd rather be safe than sorry.",
        "You can't place new orders. Existing orders stay in the book, and you can cancel them.",
        "There's nothing you need to do. We will announce at least 15 minutes ahead when trading resumes.",
    ],
    [
        "Card deposits declined by our payment partner",
        "Our payment partner is having problems, so many card deposits are declined. They are working on it and we \
         are in close contact with them.",
        "Card deposits may fail. If one fails, you are not charged; a reservation on your card disappears within 3–5 days.",
        "You can use a bank transfer (SEPA) instead, or try again later.",
    ],
    [
        "The app shows old balances",
        "Since 11:02 UTC, balances in the app may be out of date. The balances in our books are correct.",
        "What you see in the app may differ from what you own. Trades and withdrawals use the correct figures.",
        "Please refer to the website until this is fixed. More details: https://status.example.com/incidents/42",
    ],
    [
        "Price alerts arrive late",
        "Price alerts by e-mail and SMS were delayed by up to 40 minutes this morning (UTC).",
        "You may have received alerts late or twice. Orders were not affected.",
        "No action needed. If you missed a trade because of this, please write to support@example.com and we will look \
         into it.",
    ],
    [
        "Trading is slow for customers in Europe",
        "Between 13:40 and 13:52 UTC, pages took longer to load in Europe and the UK. It's better now, but we keep \
         an eye on it.",
        "Orders placed in this time may have been filled late, at the price of the moment they were filled.",
        "Check your order history; if anything looks wrong, contact us via the help section of the app.",
    ],
    [
        "Beware of fake messages",
        "Criminals are sending e-mails in our name that ask customers to verify their account.",
        "These messages are not from us. If you did not react to one, nothing has happened.",
        "Never click on links in such messages, and never share your password or recovery phrase with anyone, not even \
         with us.",
    ],
    [
        "Problems with the mobile app on iPhones",
        "Version 8.4.1 of our iOS app closes by itself for some people. We sent a corrected version to Apple at 10:30 UTC.",
        "The website and the Android app work as usual. Your orders and balances are not affected.",
        "Until the new version is available in the App Store, you can trade on the website.",
    ],
    [
        "Staking rewards are late",
        "Rewards for 19 November were not paid out on time. The cause was a mistake in yesterday's maintenance, which \
         we have corrected.",
        "Your rewards will be credited today, by 18:00 UTC, for the full period. You lose nothing.",
        "You don't have to do anything; the rewards will appear in your history.",
    ],
    [
        "Deposits of USDC on Ethereum",
        "We haven't been able to confirm USDC deposits since block 21,234,567. Other networks work normally.",
        "If you've sent USDC to us, it isn't lost: it will be credited once we catch up, probably within the hour.",
        "Please don't send it again, and please do not open several support tickets – we answer every single one.",
    ],
];

#[test]
fn honest_bulletins_pass_untouched() {
    let mut wrong = Vec::new();
    for [headline, happened, impact, todo] in HONEST {
        for (audience, reach) in
            [(Audience::Users, Reach::PerRecipient), (Audience::Public, Reach::Broadcast)]
        {
            let mut case = Case::new();
            case.reach = reach;
            case.bulletin = Bulletin {
                audience,
                headline: text(headline),
                happened: text(happened),
                impact: text(impact),
                todo: text(todo),
                ..case.bulletin
            };
            wrong.extend(case.refusal());
        }
    }
    none(wrong);
}
