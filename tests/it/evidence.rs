//! Evidence: kept by hash, exported as a bundle that proves itself without quell.

mod bundle;
mod captures;
mod command;
