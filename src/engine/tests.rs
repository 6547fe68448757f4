//! The engine where only its insides can be arranged: what others wrote, who held the lease, what stalls.

mod beat;
mod bench;
mod blind;
mod dead;
mod kept;
mod lease;
mod probed;
mod reached;
