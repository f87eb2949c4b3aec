//! The sources themselves, for tests that hold them to a rule.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The Rust files in a folder and below.
#[must_use]
pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    });
    files
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect()
}
