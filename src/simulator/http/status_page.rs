//! The exchange's status page: managed and read as Statuspage's are.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{answer, no_such_thing};
use crate::simulator::Exchange;

pub(super) fn routes() -> Router<Arc<Exchange>> {
    Router::new()
        .route("/v1/pages/{page}/incidents", post(begin))
        .route("/v1/pages/{page}/incidents/{id}", patch(go_on))
        .route("/api/v2/incidents.json", get(published))
}

fn may(exchange: &Exchange, headers: &HeaderMap) -> bool {
    let wanted = format!("OAuth {}", exchange.token);
    headers.get(AUTHORIZATION).is_some_and(|given| given.as_bytes() == wanted.as_bytes())
}

async fn begin(
    State(exchange): State<Arc<Exchange>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if !may(&exchange, &headers) {
        return answer(401, json!({ "error": "send the page's key as OAuth" }));
    }
    let incident = exchange.sink().begin_series(exchange.clock.now(), &body);
    answer(201, incident)
}

async fn go_on(
    State(exchange): State<Arc<Exchange>>,
    Path((_page, id)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if !may(&exchange, &headers) {
        return answer(401, json!({ "error": "send the page's key as OAuth" }));
    }
    let incident = exchange.sink().go_on(exchange.clock.now(), &id, &body);
    incident.map_or_else(no_such_thing, |incident| answer(200, incident))
}

async fn published(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, json!({ "incidents": exchange.sink().series() }))
}
