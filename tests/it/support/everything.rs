//! All kinds of sources and monitors at once: real servers and doubles, each of which can be made to fail.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::desk::Desk;
use super::dnsd::{Dnsd, Says, addresses};
use super::faultd::{Faultd, Reply};
use super::pagerduty::Pagerduty;
use super::real::{Alertmanager, Prometheus};
use super::tls::{Authority, TlsServer};

/// A source of some kind, and what stands before it.
pub struct Place {
    /// What the configuration calls it.
    pub name: &'static str,
    /// What stands before it; none while it is stopped.
    front: Option<Faultd>,
    port: u16,
    /// Where the server behind listens.
    behind: u16,
    list: &'static str,
    poisoned: fn() -> Value,
    /// A first page of several, where it gives its list in pages.
    page: Option<fn() -> Value>,
}

impl Place {
    fn new(name: &'static str, url: &str, list: &'static str, poisoned: fn() -> Value) -> Self {
        let behind = url.rsplit(':').next().unwrap().parse().unwrap();
        let front = Faultd::before(behind);
        Self { name, port: front.port(), front: Some(front), behind, list, poisoned, page: None }
    }

    fn in_pages(self, page: fn() -> Value) -> Self {
        Self { page: Some(page), ..self }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What stands before it.
    pub fn front(&self) -> &Faultd {
        self.front.as_ref().expect("it is not stopped")
    }

    /// Everything it is asked is answered like this.
    pub fn says(&self, reply: Reply) {
        self.front().on("*", [reply]);
    }

    /// What is open there has an element that cannot be decoded.
    pub fn is_poisoned(&self) {
        self.front().well().on(self.list, [Reply::ok(&(self.poisoned)())]);
    }

    /// Whether it gives its list in pages.
    pub fn has_pages(&self) -> bool {
        self.page.is_some()
    }

    /// The first page of its list is answered well and the next one like this.
    pub fn says_on_a_later_page(&self, reply: Reply) {
        let page = self.page.expect("it gives its list in pages");
        self.front().well().flap(self.list, [Reply::ok(&page()), reply]);
    }

    /// Whoever connects is refused.
    pub fn stop(&mut self) {
        self.front.take().expect("it runs").stop();
    }

    /// It is as it was at first; whoever still waits is let go.
    pub fn mends(&mut self) {
        drop(self.front.take());
        let front = Faultd::start_at(self.port);
        front.passing_to(self.behind);
        self.front = Some(front);
    }
}

/// All of them.
pub struct Everything {
    /// The sources.
    pub places: [Place; 4],
    /// What the http monitor asks, at `/health`.
    pub web: Faultd,
    /// What the promql monitor asks.
    pub metrics: Faultd,
    tcp: Option<Faultd>,
    tcp_port: u16,
    dns: Option<Dnsd>,
    dns_port: u16,
    tls: Option<Runtime>,
    tls_port: u16,
    folder: tempfile::TempDir,
    pagerduty: Pagerduty,
    desk: Desk,
    _alertmanager: Alertmanager,
    _prometheus: Prometheus,
}

impl Everything {
    /// All of them, and nothing is wrong; `None` where a real server is not installed.
    pub fn start() -> Option<Self> {
        let alertmanager = Alertmanager::start()?;
        let prometheus = Prometheus::start()?;
        let (pagerduty, desk) = (Pagerduty::start(), Desk::start());
        let web = Faultd::start();
        web.on("GET /health", [Reply::status(200)]);
        let metrics = Faultd::before(prometheus.url().rsplit(':').next().unwrap().parse().unwrap());
        let tcp = Faultd::start();
        let dns = Dnsd::saying(Says::Addresses(addresses(&["203.0.113.7"])));
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new("ours");
        std::fs::write(folder.path().join("ca.pem"), &authority.pem).unwrap();
        let tls = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let signed = authority.server_between("localhost", (2020, 1, 1), (2199, 1, 1));
        let server = std::thread::scope(|scope| {
            // Whoever starts this may be a runtime's thread, which may not wait.
            scope.spawn(|| tls.block_on(TlsServer::showing(&signed))).join().unwrap()
        });
        let places = [
            Place::new("am", &alertmanager.url(), "GET /api/v2/alerts", || json!([7])),
            Place::new(
                "prom",
                &prometheus.url(),
                "GET /api/v1/alerts",
                || json!({ "status": "success", "data": { "alerts": [7] } }),
            ),
            Place::new(
                "pd",
                &pagerduty.url(),
                "GET /incidents",
                || json!({ "incidents": [7], "more": false }),
            )
            .in_pages(|| json!({ "incidents": [], "more": true })),
            Place::new("desk", &desk.url(), "GET /api/incidents", || json!({ "data": { "items": [7] } }))
                .in_pages(|| json!({ "data": { "items": [], "after": "c2" } })),
        ];
        Some(Self {
            places,
            web,
            metrics,
            tcp_port: tcp.port(),
            tcp: Some(tcp),
            dns_port: dns.port(),
            dns: Some(dns),
            tls_port: server.port(),
            tls: Some(tls),
            folder,
            pagerduty,
            desk,
            _alertmanager: alertmanager,
            _prometheus: prometheus,
        })
    }

    /// A configuration that asks all of them every three seconds.
    pub fn tables(&self) -> String {
        let [am, prom, pd, desk] = self.places.each_ref().map(Place::url);
        let pagerduty = self.pagerduty.table().replace(&self.pagerduty.url(), &pd);
        let pagerduty = pagerduty.replace("every = \"1s\"", "every = \"3s\"");
        let monitor = |kind: &str, more: &str| {
            let streaks = if kind == "heartbeat" { "" } else { "down_after = 3\nup_after = 1\n" };
            format!(
                "[[monitor]]\nkind = \"{kind}\"\nname = \"{kind}\"\nservice = \"trading\"\nevery = \"1s\"\n\
                 {streaks}{more}\n"
            )
        };
        let localhost = |port: u16| format!("{}:{port}", Ipv4Addr::LOCALHOST);
        let ca_file = self.folder.path().join("ca.pem");
        [
            format!(
                "[[source]]\nkind = \"alertmanager\"\nname = \"am\"\nevery = \"3s\"\nurls = [\"{am}\"]\n"
            ),
            format!("[[source]]\nkind = \"prometheus\"\nname = \"prom\"\nevery = \"3s\"\nurl = \"{prom}\"\n"),
            format!("[[source]]\n{pagerduty}"),
            format!("[[source]]\n{}", Desk::table().replace("5s", "3s")),
            format!("[[api]]\n{}", self.desk.api().replace(&self.desk.url(), &desk)),
            monitor("http", &format!("url = \"{}/health\"", self.web.url())),
            monitor("tcp", &format!("address = \"{}\"", localhost(self.tcp_port))),
            monitor(
                "tls",
                &format!("address = \"localhost:{}\"\nca_file = \"{}\"", self.tls_port, ca_file.display()),
            ),
            monitor("dns", &format!("host = \"api.example.com\"\nserver = \"{}\"", localhost(self.dns_port))),
            monitor("promql", &format!("url = \"{}\"\nquery = \"vector(3)\"\nabove = 5", self.metrics.url())),
            monitor("heartbeat", "within = \"4s\""),
        ]
        .concat()
    }

    /// The tcp monitor's endpoint is gone, or back.
    pub fn tcp(&mut self, runs: bool) {
        self.tcp = None;
        self.tcp = runs.then(|| Faultd::start_at(self.tcp_port));
    }

    /// The name server is gone.
    pub fn no_dns(&mut self) {
        self.dns = None;
    }

    /// The server of TLS is gone.
    pub fn no_tls(&mut self) {
        self.tls.take().expect("it runs").shutdown_background();
    }
}

impl Drop for Everything {
    fn drop(&mut self) {
        // Where a runtime may not wait for another one.
        if let Some(runtime) = self.tls.take() {
            runtime.shutdown_background();
        }
    }
}
