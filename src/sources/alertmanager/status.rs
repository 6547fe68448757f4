//! What an Alertmanager says of itself: its version and its cluster. Its configuration stands beside and is not read.

use serde::Deserialize;

use crate::domain::fault::{Fault, FaultKind};
use crate::domain::text::Outside;
use crate::domain::time::Time;

const WORD_BYTES: usize = 64;

/// What one peer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    /// `0.25.0`.
    pub(super) version: Outside,
    /// `ready`, `settling`, `disabled`.
    pub(super) cluster: Outside,
    /// How many peers it sees, itself included.
    pub(super) members: usize,
    /// When it started: of what burns it knows what it was told since.
    pub(super) started: Option<Time>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    cluster: Cluster,
    #[serde(rename = "versionInfo")]
    version_info: VersionInfo,
    /// The moment, whatever the name says.
    #[serde(default)]
    uptime: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cluster {
    status: String,
    peers: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct VersionInfo {
    version: String,
}

/// Reads an answer.
///
/// # Errors
/// It is no status.
pub(super) fn about(body: &[u8]) -> Result<About, Fault> {
    let Status { cluster, version_info, uptime } = serde_json::from_slice(body)
        .map_err(|_| Fault::new(FaultKind::Malformed, "the answer is no status of an Alertmanager"))?;
    Ok(About {
        version: Outside::capped(version_info.version, WORD_BYTES),
        cluster: Outside::capped(cluster.status, WORD_BYTES),
        members: cluster.peers.len(),
        started: uptime.and_then(|at| at.parse().ok()),
    })
}

/// The version of all: one, or each that there is.
pub(super) fn version<'a>(all: impl Iterator<Item = &'a About>) -> Option<Outside> {
    let mut versions: Vec<&str> = all.map(|about| about.version.raw()).collect();
    versions.sort_unstable();
    versions.dedup();
    (!versions.is_empty()).then(|| Outside::new(versions.join(" and ")))
}

/// What is wrong with the cluster, as this peer sees it, where so many are configured.
pub(super) fn trouble(about: &About, configured: usize) -> Option<String> {
    match about.cluster.raw() {
        "ready" if about.members >= configured => None,
        // Whoever shows no cluster says nothing of it.
        "" => None,
        "disabled" if configured < 2 => None,
        "disabled" => Some("its peers do not know each other: silences hold on one of them only".to_owned()),
        "ready" => Some(format!("its cluster has {} of {configured} peers", about.members)),
        other => Some(format!("its cluster is {}", Outside::new(other).safe())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cluster: &str, peers: usize) -> About {
        let peers: Vec<_> = (0..peers).map(|n| serde_json::json!({ "name": n, "address": "x" })).collect();
        let status = serde_json::json!({
            "cluster": { "status": cluster, "peers": peers },
            "config": { "original": "smtp_auth_password: canary" },
            "versionInfo": { "version": "0.28.1", "branch": "HEAD" }, "uptime": "2026-11-20T14:00:00Z",
        });
        about(status.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_cluster_is_in_trouble_when_its_peers_do_not_see_each_other() {
        let trouble = |cluster, peers, configured| trouble(&read(cluster, peers), configured);
        assert_eq!(trouble("ready", 2, 2), None);
        assert_eq!(trouble("disabled", 0, 1), None);
        assert_eq!(trouble("", 0, 1), None);
        assert_eq!(trouble("ready", 1, 2).as_deref(), Some("its cluster has 1 of 2 peers"));
        assert_eq!(trouble("settling", 2, 2).as_deref(), Some("its cluster is settling"));
        assert!(trouble("disabled", 0, 2).unwrap().contains("do not know each other"));
    }

    #[test]
    fn its_configuration_is_not_kept() {
        let about = read("ready", 1);
        assert_eq!(about.started, "2026-11-20T14:00:00Z".parse().ok());
        assert!(!format!("{about:?}").contains("canary"));
        assert_eq!(version([&about, &about].into_iter()), Some(Outside::new("0.28.1")));
        assert!(super::about(b"{}").is_err());
    }
}
