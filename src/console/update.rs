//! The only function that changes the model.
