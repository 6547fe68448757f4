//! How quell talks HTTP and TCP to the outside: one client with every limit in it, and the secrets it carries.

mod api;
mod client;
pub mod dns;
mod fault;
mod guard;
mod headers;
mod keyring;
mod login;
mod pages;
#[cfg(test)]
pub(crate) mod peer;
mod request;
mod secret;
pub mod tcp;
pub mod tls;

pub use api::{Api, ApiSettings, Meaning, Reading};
pub use client::{Client, Connection, Limits};
pub use keyring::Attributes;
pub use login::{Login, LoginSettings};
pub use pages::pages;
pub use request::{Answer, Request, header_flaw};
pub use secret::{Environment, Secret, SecretSource, Ways, read_private};
