//! The engine where only its insides can be arranged: what others wrote, who held the lease, what stalls.

mod asked;
mod beat;
mod bench;
mod blind;
mod configuration;
mod dead;
mod duties;
mod guards;
mod healthy;
mod hurried;
mod kept;
mod lease;
mod noted;
mod notices;
mod posted;
mod probed;
mod reached;
mod restless;
mod said;
mod sent;
mod snooze;
mod taken;
mod ties;
mod undone;
mod veil;
mod watch;
