//! Reads a list of an api page by page: on that api alone, in one direction, and no further than its limits.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use reqwest::Url;

use super::api::Api;
use super::client::Limits;
use super::request::Answer;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::listing::Listing;
use crate::domain::plan::HttpRequest;
use crate::domain::time::Span;

/// Pages of one reading.
const PAGES: usize = 200;
/// Bytes of all of them.
const BYTES: usize = 64 << 20;

/// Asks for one page after the other until `each` has enough of them or there is no more.
///
/// # Errors
/// Why the rest of it is not read; what `each` was given before is still good.
pub async fn pages(
    api: &Api,
    first: &HttpRequest,
    listing: &Listing,
    within: Span,
    each: impl FnMut(Answer, String) -> Result<ControlFlow<()>, Fault>,
) -> Result<(), Fault> {
    let late =
        |_| Fault::new(FaultKind::NoAnswer, format!("the list was not read to its end within {within}"));
    tokio::time::timeout(within.std(), walk(api, first, listing, each)).await.map_err(late)?
}

async fn walk(
    api: &Api,
    first: &HttpRequest,
    listing: &Listing,
    mut each: impl FnMut(Answer, String) -> Result<ControlFlow<()>, Fault>,
) -> Result<(), Fault> {
    let malformed = |why: String| Fault::new(FaultKind::Malformed, why);
    let (mut asked, mut bytes, mut request) = (BTreeSet::new(), 0, first.clone());
    while asked.len() < PAGES && bytes < BYTES {
        if !asked.insert(request.url.clone()) {
            return Err(malformed("its pages lead back to one that was read already".to_owned()));
        }
        let answer = api.send(&request, Limits::READ).await?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        bytes += body.len();
        let next = listing.next_of(&body);
        if each(answer, body)?.is_break() {
            return Ok(());
        }
        let next = next.map_err(|why| malformed(format!("nothing leads to the next page: {why}")))?;
        let Some(next) = next else { return Ok(()) };
        request.url = address(api, &request.url, listing, &next)?;
    }
    let why = format!("only the first {} pages are read; let `path` ask for what is open", asked.len());
    Err(Fault::new(FaultKind::TooLarge, why))
}

/// Where the next page is, which must be where the api's credentials may go.
fn address(api: &Api, current: &str, listing: &Listing, next: &str) -> Result<String, Fault> {
    let unusable = || Fault::new(FaultKind::Malformed, "what leads to the next page is no address");
    let mut url = Url::parse(current).map_err(|_| unusable())?;
    match &listing.cursor {
        Some(name) => {
            let others: Vec<_> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
            url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, next);
        }
        None => url = url.join(next).map_err(|_| unusable())?,
    }
    if !url.as_str().starts_with(&api.url("/")) {
        let why = "the next page is not at the api's url; nothing is sent elsewhere";
        return Err(Fault::new(FaultKind::Redirected, why));
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::peer::{Act, Peer};

    fn api(url: &str) -> Api {
        Api::new(&toml::from_str(&format!("name = 'desk'\nurl = '{url}'")).unwrap(), |_| None).unwrap()
    }

    fn listing(cursor: Option<&str>) -> Listing {
        let cursor = cursor.map(str::to_owned);
        Listing { id: "/id".to_owned(), next: Some("/next".to_owned()), cursor, ..Listing::default() }
    }

    #[test]
    fn the_next_page_is_at_the_same_api() {
        let api = api("https://desk.example/api");
        let at = |cursor, next| {
            address(&api, "https://desk.example/api/list?state=open&after=c1", &listing(cursor), next)
        };
        for (cursor, next, url) in [
            (Some("after"), "c2&x=1", "/list?state=open&after=c2%26x%3D1"),
            (Some("after"), "https://evil.example/", "/list?state=open&after=https%3A%2F%2Fevil.example%2F"),
            (None, "?page=2", "/list?page=2"),
            (None, "/api/list/2", "/list/2"),
            (None, "https://desk.example/api/list?page=2", "/list?page=2"),
        ] {
            assert_eq!(at(cursor, next).unwrap(), format!("https://desk.example/api{url}"), "{next}");
        }
        for next in [
            "https://evil.example/api/list",
            "//evil.example/api/list",
            "http://desk.example/api/list",
            "https://desk.example:8443/api/list",
            "https://desk.example.evil.example/api/list",
            "https://u@desk.example/api/list",
            "/admin",
            "../../apix",
            "file:///etc/passwd",
            "https://",
        ] {
            assert!(at(None, next).is_err(), "{next}");
        }
    }

    #[tokio::test]
    async fn a_list_without_an_end_is_left() {
        let page = |next: &str| Act::say(200, format!(r#"{{"next":"{next}"}}"#).as_bytes());
        let peer = Peer::new([page("b"), page("c"), page("b")]);
        let api = api(&peer.url(""));
        let first = HttpRequest {
            api: "desk".into(),
            method: "GET".into(),
            url: api.url("/list"),
            headers: std::collections::BTreeMap::new(),
            body: None,
            instead: Vec::new(),
        };
        let mut read = 0;
        let each = |_, _| {
            read += 1;
            Ok(ControlFlow::Continue(()))
        };
        let fault = pages(&api, &first, &listing(Some("after")), Span::secs(5), each).await.unwrap_err();
        assert_eq!((read, fault.kind), (3, FaultKind::Malformed));
        assert!(fault.detail.raw().contains("lead back"), "{fault:?}");
    }
}
