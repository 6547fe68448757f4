//! A bare TCP connection.

use std::net::SocketAddr;
use tokio::net::TcpStream;

use super::{fault, guard};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::time::Span;

/// Splits `host:port`, `10.0.0.7:5432` or `[::1]:5432`.
///
/// # Errors
/// A sentence that says how to write it.
pub fn split(address: &str) -> Result<(String, u16), String> {
    let parts = address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match parts {
        Some((host, port)) if !host.is_empty() && (!host.contains(':') || host.starts_with('[')) => {
            Ok((host.trim_matches(['[', ']']).to_owned(), port))
        }
        _ => Err("write the address like \"10.0.0.7:5432\" or \"db.example.com:5432\"".to_owned()),
    }
}

/// The addresses `host:port` leads to, those aside that may not be called.
///
/// # Errors
/// A [`FaultKind::Unreachable`] fault that says why there are none.
pub async fn look_up(address: &str) -> Result<Vec<SocketAddr>, Fault> {
    let (host, port) = split(address).map_err(|detail| Fault::new(FaultKind::Local, detail))?;
    guard::look_up(&host, port).await.map_err(fault::of_look_up)
}

/// Connects to `host:port`.
///
/// # Errors
/// A [`FaultKind::Unreachable`] fault that says why not.
pub async fn connect(address: &str, within: Span) -> Result<TcpStream, Fault> {
    let connecting = async {
        let found = look_up(address).await?;
        TcpStream::connect(found.as_slice()).await.map_err(|error| fault::of_connecting(&error))
    };
    let late = |_| Fault::new(FaultKind::Unreachable, format!("no connection within {within}"));
    tokio::time::timeout(within.std(), connecting).await.map_err(late)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!(split("[::1]:80"), Ok(("::1".to_owned(), 80)));
        assert_eq!(split("db.example.com:5432"), Ok(("db.example.com".to_owned(), 5432)));
        for bad in ["db", ":1", "db:http", "::1:80", "db:99999"] {
            assert!(split(bad).is_err(), "{bad}");
        }
    }
}
