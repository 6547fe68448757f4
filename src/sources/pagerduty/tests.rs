//! What PagerDuty says, and what is made of it.
