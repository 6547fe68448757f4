//! The `quell` program.
fn main() {}
