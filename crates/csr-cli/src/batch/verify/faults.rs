//! What is wrong with a batch, in the order of its manifests.

/// The most faults that are listed.
const LISTED: usize = 1_000;

#[derive(Default)]
pub(super) struct Faults {
    /// Manifest, line and text.
    listed: Vec<(usize, u64, String)>,
    further: u64,
    manifest: usize,
}

impl Faults {
    /// The faults that follow are of this manifest.
    pub(super) fn set_manifest(&mut self, manifest: usize) {
        self.manifest = manifest;
    }

    pub(super) fn push(&mut self, line: u64, text: String) {
        if self.listed.len() < LISTED {
            self.listed.push((self.manifest, line, text));
        } else {
            self.further += 1;
        }
    }

    /// Faults that cannot be listed.
    pub(super) fn count_further(&mut self, count: u64) {
        self.further += count;
    }

    pub(super) fn into_texts(mut self) -> (Vec<String>, u64) {
        self.listed.sort_by_key(|(manifest, line, _)| (*manifest, *line));
        (self.listed.into_iter().map(|(_, _, text)| text).collect(), self.further)
    }
}
