//! Containments: from a playbook and its parameters to a literal plan, and from a plan to its effect.

pub mod capture;
pub mod carry;
pub mod parameters;
pub mod render;
pub mod template;
