//! What the kernel tells of processes and of the machine, from `/proc`.

use std::{fs, time::Duration};

use serde::Serialize;

use crate::fault::{Outcome, fault};

/// Processor time, user and system together.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Cpu(f64);

impl Cpu {
    /// What a process has used since it began, all its threads included.
    pub(crate) fn of_process(pid: u32) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let ticks = process_ticks(&stat).ok_or_else(|| fault("unreadable /proc/PID/stat"))?;
        Ok(Self::from_ticks(ticks))
    }

    /// What everything on this machine has used since it booted.
    pub(crate) fn of_machine() -> Outcome<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let ticks = machine_ticks(&stat).ok_or_else(|| fault("unreadable /proc/stat"))?;
        Ok(Self::from_ticks(ticks))
    }

    /// Seconds since an earlier reading.
    pub(crate) fn since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "far below 2^53 in a machine's life"
    )]
    fn from_ticks(ticks: u64) -> Self {
        Self(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
    }
}

/// Fields 14 and 15 of `/proc/PID/stat`. The second field is a name in
/// brackets that may hold anything, so counting begins behind it.
fn process_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// The first line of `/proc/stat`: user, nice, system, idle, waiting,
/// interrupts, soft interrupts. Idle and waiting aren't use.
fn machine_ticks(stat: &str) -> Option<u64> {
    let numbers: Vec<u64> = stat
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .take(7)
        .filter_map(|number| number.parse().ok())
        .collect();
    let [user, nice, system, _idle, _waiting, hard, soft] = *numbers.as_slice() else {
        return None;
    };
    Some(user + nice + system + hard + soft)
}

/// Bytes of memory a process has, and how many of them are its own (not a
/// file's that is mapped).
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Memory {
    /// All of it.
    pub(crate) resident: u64,
    /// Its own.
    pub(crate) own: u64,
}

impl Memory {
    /// What a process has now.
    pub(crate) fn of_process(pid: u32) -> Outcome<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let read = |key: &str| {
            kilobytes(&status, key).ok_or_else(|| fault(format!("no {key} of process {pid}")))
        };
        Ok(Self {
            resident: read("VmRSS:")? * 1024,
            own: read("RssAnon:")? * 1024,
        })
    }
}

fn kilobytes(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The machine, as far as figures depend on it.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_gib: u64,
    kernel: String,
}

impl Machine {
    /// This one.
    pub(crate) fn here() -> Outcome<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
        let meminfo = fs::read_to_string("/proc/meminfo")?;
        let processor = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
        Ok(Self {
            processor: processor.to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kilobytes(&meminfo, "MemTotal:").unwrap_or_default() >> 20,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?
                .trim()
                .to_owned(),
        })
    }

    /// In one line, for people.
    pub(crate) fn sentence(&self) -> String {
        format!(
            "{} cores of {}, {} GiB, Linux {}",
            self.cores, self.processor, self.memory_gib, self.kernel
        )
    }
}

/// Microseconds of processor time that one of `count` things took.
pub(crate) fn micros_each(seconds: f64, count: u64) -> f64 {
    seconds * 1e6 / number(count.max(1))
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^53")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

/// How often something happened in a second.
pub(crate) fn per_second(count: u64, elapsed: Duration) -> f64 {
    number(count) / elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_shifts_nothing() {
        let stat = "77 (a) b) R 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 3";
        assert_eq!(process_ticks(stat), Some(300));
    }

    #[test]
    fn idle_and_waiting_are_not_use() {
        let stat = "cpu  10 1 5 900 80 2 3 4 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(machine_ticks(stat), Some(21));
    }

    #[test]
    fn this_process_has_memory_of_its_own() {
        let memory = Memory::of_process(std::process::id()).unwrap();
        assert!(memory.own > 0 && memory.own <= memory.resident);
    }
}
