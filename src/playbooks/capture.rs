//! Reading what a change may destroy, before it does.

use super::carry::{self, Apis};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::{Capture, Invocation};
use crate::net::Limits;

/// The answer to a capture's read, whole, or none: what is late or cut off is no evidence.
///
/// # Errors
/// Why it could not be had within its time.
pub async fn take(apis: &Apis, capture: &Capture) -> Result<Vec<u8>, Fault> {
    let Invocation::Http(request) = &capture.read else {
        // It is ended, with all that it started, when its time is over.
        let said = carry::read(apis, &capture.read).await?;
        return Ok(carry::secrets(&capture.read).hide(&said, false));
    };
    let within = capture.within;
    let late = |_| Fault::new(FaultKind::NoAnswer, format!("no answer within {within}"));
    let read = async {
        let limits = Limits { deadline: within, ..Limits::READ };
        Ok(carry::api(apis, request)?.send(request, limits).await?.body)
    };
    tokio::time::timeout(within.std(), read).await.map_err(late)?
}
