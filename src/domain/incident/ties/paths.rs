//! Which paths came with a merge, and whose they are.

use super::Incident;
use crate::domain::escalation::Escalation;
use crate::domain::id::IncidentId;

impl Incident {
    /// The paths that page for it because of one that went on in it, and of no other one.
    pub fn paths_of<'a>(&'a self, of: &'a IncidentId) -> impl Iterator<Item = &'a str> {
        let alone = |path: &&String| {
            self.taken_in.iter().filter(|taken| taken.brought(path)).all(|taken| taken.id == *of)
        };
        let counts = |path: &&String| self.escalation_on(path).is_some_and(Escalation::counts);
        let theirs = self.taken_in.iter().filter(|taken| taken.id == *of);
        let theirs = theirs.flat_map(|taken| taken.paths.iter().flatten());
        theirs.filter(alone).filter(counts).map(String::as_str)
    }

    /// The paths that may page for it only because of one that went on in it: an earlier quell merged that, and did not
    /// write down which do, so that they stay.
    pub fn doubtful_paths_of(&self, of: &IncidentId) -> impl Iterator<Item = &str> {
        let unsaid = self.taken_in.iter().any(|taken| taken.id == *of && taken.paths.is_none());
        let counting = self.escalations.iter().filter(move |it| unsaid && it.counts());
        counting.map(|it| it.path.as_str())
    }

    /// A person pages on a path here: whatever brought it, it is this one's own from now on.
    pub(in crate::domain::incident) fn makes_its_own(&mut self, path: &str) {
        for taken in &mut self.taken_in {
            taken.paths.iter_mut().for_each(|paths| paths.retain(|it| it != path));
        }
    }

    /// Whether a path pages for it, or waits for whoever holds it, and did not come with what goes on in it.
    pub(super) fn pages_by_itself(&self, path: &str) -> bool {
        let brought = self.taken_in.iter().any(|taken| taken.brought(path));
        !brought && self.escalation_on(path).is_some_and(Escalation::counts)
    }
}
