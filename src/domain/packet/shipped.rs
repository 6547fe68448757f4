//! The patterns quell ships: what ids, accounts, endpoints and the rest are usually called, and how they look.

use super::pattern::{Pattern, Place};

/// Anything between separators.
const WORD: &str = r#"[^\s,;|"'\[\]{}]+"#;
/// Words with a digit in them: not "is" in "the request id is unknown".
macro_rules! id {
    () => {
        "([A-Za-z0-9._-]*[0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
    };
}

/// One item: the keys of lists of ids, the keys whose whole text is a value, and expressions for any text.
struct Shipped {
    item: &'static str,
    lists: &'static [&'static str],
    texts: &'static [&'static str],
    finds: &'static [&'static str],
}

const SHIPPED: [Shipped; 12] = [
    Shipped { item: "product area", lists: &[], texts: &["product_area", "product"], finds: &[] },
    Shipped {
        item: "environment",
        lists: &[],
        texts: &["environment", "env", "deployment_environment", "cluster"],
        finds: &[],
    },
    Shipped {
        item: "region",
        lists: &["region", "regions", "aws_region", "datacenter"],
        texts: &[],
        finds: &[],
    },
    Shipped {
        item: "accounts",
        lists: &[
            "account",
            "accounts",
            "account_id",
            "account_ids",
            "account_number",
            "acct",
            "acct_id",
            "/account/id",
        ],
        texts: &[],
        finds: &[
            r"(?i)\b(?:acct|account)s?(?:[ _-](?:id|no|number))?[ .:=#-]{0,3}\b([A-Za-z]{0,8}[-_]?[0-9]{4,}[A-Za-z0-9]*)\b",
        ],
    },
    Shipped {
        item: "request ids",
        lists: &[
            "request_id",
            "request_ids",
            "req_id",
            "req_ids",
            "x_request_id",
            "correlation_id",
            "trace_id",
            "trace_ids",
            "/request/id",
            "/requests/*/id",
        ],
        texts: &[],
        finds: &[
            concat!(r#"(?i)\brequest[ _-]?ids?\b[\s:=#"'-]*(?:is )?"#, id!()),
            r"(?i)\b(req[-_][A-Za-z]*[0-9][A-Za-z0-9-]*)",
        ],
    },
    Shipped {
        item: "order ids",
        lists: &[
            "order_id",
            "order_ids",
            "client_order_id",
            "client_order_ids",
            "cl_ord_id",
            "/order/id",
            "/orders/*/id",
        ],
        texts: &[],
        finds: &[
            concat!(r#"(?i)\border(?:[ _-]?ids?\b[\s:=#"'-]*(?:is )?| ?#)"#, id!()),
            r"(?i)\b(ord[-_][A-Za-z]*[0-9][A-Za-z0-9-]*)",
        ],
    },
    Shipped {
        item: "user-mapping ids",
        lists: &["user_mapping_id", "user_mapping_ids", "mapping_id", "mapping_ids", "/user_mapping/id"],
        texts: &[],
        finds: &[
            concat!(r#"(?i)\buser[ _-]?mapping(?:[ _-]?ids?)?\b[\s:=#"'-]*(?:is )?"#, id!()),
            r"(?i)\b(usr[-_][A-Za-z]*[0-9][A-Za-z0-9-]*)",
        ],
    },
    Shipped {
        item: "webhook event ids",
        lists: &[
            "event_id",
            "event_ids",
            "webhook_event_id",
            "webhook_event_ids",
            "webhook_id",
            "/event/id",
            "/events/*/id",
            "/webhook/id",
        ],
        texts: &[],
        finds: &[
            concat!(r#"(?i)\b(?:webhook[ _-]?)?event[ _-]?ids?\b[\s:=#"'-]*(?:is )?"#, id!()),
            r"(?i)\b(evt[-_][A-Za-z]*[0-9][A-Za-z0-9-]*)",
        ],
    },
    Shipped {
        item: "endpoints",
        lists: &[],
        texts: &[
            "endpoint",
            "endpoints",
            "affected_endpoint",
            "handler",
            "route",
            "path",
            "uri",
            "url",
            "instance",
        ],
        finds: &[r#"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) (/[^\s"',;<>]*)"#],
    },
    Shipped {
        item: "timestamps",
        lists: &[],
        texts: &[
            "timestamp",
            "timestamps",
            "occurred_at",
            "started_at",
            "failed_at",
            "received_at",
            "detected_at",
            "first_seen",
            "last_seen",
        ],
        finds: &[
            r"\b([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2}\b)?)",
        ],
    },
    Shipped {
        item: "SDK version",
        lists: &["sdk_version", "sdk", "client_version"],
        texts: &[],
        finds: &[r"(?i)\b[a-z0-9-]*sdk[ /:=v]+([0-9]+(?:\.[0-9]+)+(?:[-+][A-Za-z0-9.]*[A-Za-z0-9])?)"],
    },
    Shipped {
        item: "logs",
        lists: &[],
        texts: &["logs", "log", "logs_url", "log_url", "log_link", "logs_link", "kibana_url", "loki_url"],
        finds: &[],
    },
];

/// Every shipped pattern.
pub(super) fn patterns() -> Vec<Pattern> {
    let pattern = |item: &str, within: &[Place], keys: &[&str], find: Option<&str>| Pattern {
        item: item.to_owned(),
        within: within.to_vec(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        find: find.map(str::to_owned),
        only: false,
    };
    let mut patterns = Vec::new();
    for Shipped { item, lists, texts, finds } in &SHIPPED {
        if !lists.is_empty() {
            patterns.push(pattern(item, &Place::ALL, lists, Some(WORD)));
        }
        if !texts.is_empty() {
            patterns.push(pattern(item, &Place::ALL, texts, None));
        }
        patterns.extend(finds.iter().map(|find| pattern(item, &Place::ALL, &[], Some(find))));
    }
    // Only in labels: in details, `service` may be somebody else's.
    patterns.push(pattern("product area", &[Place::Labels], &["service"], None));
    // What a failing probe was sent to.
    patterns.push(pattern("endpoints", &[Place::Probes], &["target"], None));
    patterns
}
