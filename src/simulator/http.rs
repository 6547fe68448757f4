//! The exchange's one HTTP surface: services, alerts, admin API, status page and chat sink.

mod admin;
mod alerts;
mod chat;
mod services;
mod status_page;

use std::future::pending;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Exchange;
use super::line::Line;
use super::misbehaviour::Misbehaviour;
use crate::domain::time::Span;

/// What tests look at and switch with always works.
const UNTOUCHED: [&str; 2] = ["/admin/faults", "/admin/effects"];

/// All routes; `base` is where this listens.
pub fn router(exchange: Arc<Exchange>, base: &str) -> Router {
    Router::new()
        .merge(services::routes())
        .merge(alerts::routes(base))
        .merge(admin::routes(&exchange))
        .merge(chat::routes())
        .merge(status_page::routes())
        .fallback(|| async { no_such_thing() })
        .layer(from_fn_with_state(exchange.clone(), misbehave))
        .with_state(exchange)
}

/// Stands before every route and plays out the switches that are on.
async fn misbehave(
    State(exchange): State<Arc<Exchange>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let how = if UNTOUCHED.contains(&path) { None } else { exchange.switches().take(request.method(), path) };
    match how {
        None => next.run(request).await,
        Some(Misbehaviour::DelayMs(millis)) => {
            tokio::time::sleep(Span::millis(millis).std()).await;
            next.run(request).await
        }
        Some(Misbehaviour::Status(code)) => {
            StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
        Some(Misbehaviour::Hang) => pending().await,
        Some(Misbehaviour::Drop) => {
            line.cut();
            StatusCode::NO_CONTENT.into_response()
        }
        Some(Misbehaviour::ApplyThenHang) => {
            let _unheard = next.run(request).await;
            pending().await
        }
        Some(Misbehaviour::ApplyThenDrop) => {
            let unheard = next.run(request).await;
            line.cut();
            unheard
        }
    }
}

/// A JSON body with a status.
fn answer(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(body)).into_response()
}

fn no_such_thing() -> Response {
    answer(404, json!({ "error": "nothing is here" }))
}
