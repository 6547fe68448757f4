//! A new version of a service breaks a flow: the more it rolls out the more fails, until it is rolled back.

use serde_json::json;

use crate::domain::time::{Span, Time};
use crate::simulator::alert::{Alert, EVALUATION};
use crate::simulator::chance::Chance;
use crate::simulator::floor::Floor;
use crate::simulator::growth::{Growth, Stopwatch};
use crate::simulator::health::Service;
use crate::simulator::world::STEP;

/// What a bad version breaks.
struct Flow {
    service: Service,
    alert: &'static str,
    /// The title, up to the version.
    title: &'static str,
    endpoint: &'static str,
    fault: &'static str,
}

const WITHDRAWALS: Flow = Flow {
    service: Service::Withdrawals,
    alert: "WithdrawalErrors",
    title: "Withdrawals fail since",
    endpoint: "/v1/withdrawals",
    fault: "fee quote without currency, schema 7 refuses it",
};
const WEBHOOKS: Flow = Flow {
    service: Service::Webhooks,
    alert: "WebhookSignatureErrors",
    title: "Webhooks refused since",
    endpoint: "/v1/webhooks/deliveries",
    fault: "signature computed over the re-encoded body",
};
const GATEWAY: Flow = Flow {
    service: Service::Gateway,
    alert: "OrderRejects",
    title: "Orders refused since",
    endpoint: "/v1/orders",
    fault: "tick size table is empty for 4 books",
};

/// Requests that failed.
const FAILED: Growth = Growth { from: 40, to: 460, over: Span::secs(150) };

/// The story: one bad version after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct BadDeploy {
    seed: u64,
    deploy: Deploy,
}

/// One bad version.
#[derive(Clone, Debug, PartialEq)]
struct Deploy {
    number: u64,
    begins: Time,
    /// The version and the one before it, once it is out.
    out: Option<(String, String)>,
    failing: Stopwatch,
    /// How long after it was rolled back the alert still fires.
    recovers: Span,
}

impl BadDeploy {
    /// The story from the opening on.
    pub fn new(seed: u64, opened: Time) -> Self {
        let first = Span::secs(Chance::new(seed, "first deploy", 0).between(75, 95));
        Self { seed, deploy: Deploy::nth(seed, 0, opened + first.delta()) }
    }

    /// Moves the story on by one step.
    pub fn step(&mut self, at: Time, floor: &mut Floor) {
        let deploy = &mut self.deploy;
        let Some(releases) = floor.releases.get_mut(&deploy.flow().service) else { return };
        let Some((version, _)) = &deploy.out else {
            if at >= deploy.begins {
                let worst = Chance::new(self.seed, "worst share", deploy.number).between(27, 41);
                deploy.out = Some(releases.deploy(worst as f64 / 100.0, at));
            }
            return;
        };
        match releases.rolled_back(version) {
            None => deploy.failing.run(STEP),
            Some(since) if at - since >= deploy.recovers.delta() => {
                let number = deploy.number + 1;
                let pause = Span::secs(Chance::new(self.seed, "deploy pause", number).between(240, 400));
                self.deploy = Deploy::nth(self.seed, number, at + pause.delta());
            }
            Some(_) => {}
        }
    }

    /// The alert of the bad version that is out.
    pub fn alert(&self) -> Option<Alert> {
        let (version, previous) = self.deploy.out.as_ref()?;
        Some(self.deploy.alert(self.seed, version, previous))
    }
}

impl Deploy {
    fn nth(seed: u64, number: u64, begins: Time) -> Self {
        let recovers = Span::secs(Chance::new(seed, "deploy", number).between(11, 16));
        Self { number, begins, out: None, failing: Stopwatch::ZERO, recovers }
    }

    fn flow(&self) -> &'static Flow {
        match self.number % 3 {
            0 => &WITHDRAWALS,
            1 => &WEBHOOKS,
            _ => &GATEWAY,
        }
    }

    fn alert(&self, seed: u64, version: &str, previous: &str) -> Alert {
        let flow = self.flow();
        let mut chance = Chance::new(seed, "deploy ids", self.number);
        let failed = chance.between(30, 60) + FAILED.count(self.failing.seen(EVALUATION));
        let requests: Vec<String> = (0..4).map(|_| format!("req_{}", chance.hex(12))).collect();
        let mut details = json!({
            "deploy": { "service": flow.service.word(), "version": version, "previous": previous },
            "request": { "ids": requests, "failed": failed, "error": flow.fault },
            "endpoint": flow.endpoint,
        });
        if let Some(details) = details.as_object_mut() {
            let mut ids =
                |kind: &str| (0..3).map(|_| format!("{kind}_{}", chance.hex(8))).collect::<Vec<_>>();
            match flow.service {
                Service::Webhooks => details.insert("webhook".to_owned(), json!({ "event_ids": ids("evt") })),
                Service::Gateway => details.insert("order".to_owned(), json!({ "ids": ids("ord") })),
                _ => details.insert("withdrawal".to_owned(), json!({ "ids": ids("wd") })),
            };
        }
        let description = format!(
            "{failed} requests to {} failed since {version} began to roll out at {}; {previous} ran without \
             errors. Every failure: {}.",
            flow.endpoint,
            self.begins.format("%H:%M:%SZ"),
            flow.fault,
        );
        Alert::new(flow.alert, flow.service.word(), self.begins)
            .label("severity", "high")
            .label("category", "outage")
            .label("version", version)
            .label("previous", previous)
            .says(format!("{} {version}", flow.title), description)
            .details(details)
    }
}
