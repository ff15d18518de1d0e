//! What a process has used, from `/proc`.

use std::{fs, time::Duration};

use crate::Failure;

/// Linux counts a process's time in hundredths of a second (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// CPU time and memory of a process.
pub(crate) struct Usage {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) resident_kib: u64,
}

impl Usage {
    pub(crate) fn own() -> Result<Self, Failure> {
        Self::of(std::process::id())
    }

    /// # Errors
    /// When there is no such process.
    pub(crate) fn of(pid: u32) -> Result<Self, Failure> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name in brackets may hold blanks; user and system time are the 14th and 15th fields of proc(5).
        let (_, fields) = stat.rsplit_once(')').ok_or("an unknown form of /proc/PID/stat")?;
        let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
        let mut time = || Ok::<_, Failure>(TICK * times.next().ok_or("no times in /proc/PID/stat")??);
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident =
            resident.and_then(|text| text.trim().strip_suffix(" kB")).ok_or("no VmRSS in /proc/PID/status")?;
        Ok(Self { user: time()?, system: time()?, resident_kib: resident.parse()? })
    }

    /// What was used since `before`; the memory is what it is now.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
            resident_kib: self.resident_kib,
        }
    }
}
