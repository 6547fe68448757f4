//! The chat sink: rooms that take any message and show what arrived.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::answer;
use crate::simulator::Exchange;

pub(super) fn routes() -> Router<Arc<Exchange>> {
    Router::new().route("/sink/chat", get(all)).route("/sink/chat/{channel}", get(room).post(post))
}

async fn post(
    State(exchange): State<Arc<Exchange>>,
    Path(channel): Path<String>,
    body: Bytes,
) -> &'static str {
    exchange.sink().post(exchange.clock.now(), channel, &body);
    "ok"
}

async fn all(State(exchange): State<Arc<Exchange>>) -> Response {
    answer(200, exchange.sink().json(None))
}

async fn room(State(exchange): State<Arc<Exchange>>, Path(channel): Path<String>) -> Response {
    answer(200, exchange.sink().json(Some(&channel)))
}
