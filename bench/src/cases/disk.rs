//! What the disk itself can do: the floor under every commit.

use std::{
    fs::{self, File},
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use crate::{fault::Outcome, machine::per_second};

/// How often in a second 4 KiB can be written over and synced.
pub(super) fn syncs_per_second(directory: &Path, time: Duration) -> Outcome<f64> {
    let path = directory.join("disk");
    let mut file = File::create(&path)?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < time {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    let rate = per_second(count, start.elapsed());
    fs::remove_file(path)?;
    Ok(rate)
}
