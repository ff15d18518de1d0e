//! Trees of log files.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;

use crate::{
    event::Events,
    world::{ACCOUNTS, REGIONS, text},
};

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Archive {
    /// The same seed gives the same archive.
    pub seed: u64,
    /// Events, doubles not counted.
    pub events: u64,
    /// Events of a file.
    pub per_file: u64,
    /// The days that the events fall on.
    pub days: u32,
    /// The time behind the last event.
    pub end: Timestamp,
    /// So many files in a hundred come a second time, in another region's file.
    pub doubled: u8,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    /// Files.
    pub files: u64,
    /// Records in them, doubles too.
    pub records: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Bytes of the records' text.
    pub record_bytes: u64,
}

impl Archive {
    /// Makes the archive below `directory`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, directory: &Path) -> io::Result<Made> {
        let mut events = Events::new(self.seed);
        let mut made = Made::default();
        let span = Duration::from_secs(u64::from(self.days) * 86_400);
        let files = self.events.div_ceil(self.per_file.max(1));
        let step = span.checked_div(u32::try_from(files).unwrap_or(u32::MAX)).unwrap_or_default();
        let mut left = self.events;
        for number in 0..files {
            let start = self.end - span + step * u32::try_from(number).unwrap_or(u32::MAX);
            let count = left.min(self.per_file);
            left -= count;
            let account = usize::from(events.rng().u8(..10) == 0);
            let region = usize::from(events.rng().u8(..4) == 0) + usize::from(events.rng().u8(..8) == 0);
            let mut content = String::from(r#"{"Records":["#);
            for place in 0..count {
                let within = step.mul_f64(place as f64 / count as f64);
                if place > 0 {
                    content.push(',');
                }
                let before = content.len();
                events.write(&mut content, start + within, account, region);
                made.record_bytes += (content.len() - before) as u64;
            }
            content.push_str("]}");
            made.records += count;
            put(directory, &mut events, &content, start + step, account, region, &mut made)?;
            if events.rng().u8(..100) < self.doubled {
                made.records += count;
                put(directory, &mut events, &content, start + step, account, (region + 1) % REGIONS.len(), &mut made)?;
            }
        }
        Ok(made)
    }
}

/// Writes one log file where CloudTrail would.
fn put(
    directory: &Path,
    events: &mut Events,
    content: &str,
    delivered: Timestamp,
    account: usize,
    region: usize,
    made: &mut Made,
) -> io::Result<()> {
    let account = ACCOUNTS.get(account).copied().unwrap_or_default();
    let region = REGIONS.get(region).copied().unwrap_or_default();
    let day = delivered.strftime("%Y/%m/%d");
    let folder = directory.join(format!("AWSLogs/{account}/CloudTrail/{region}/{day}"));
    fs::create_dir_all(&folder)?;
    let time = delivered.strftime("%Y%m%dT%H%MZ");
    let name = format!("{account}_CloudTrail_{region}_{time}_{}.json.gz", text(events.rng(), 16));
    let mut gzip = GzEncoder::new(File::create_new(folder.join(name))?, Compression::default());
    gzip.write_all(content.as_bytes())?;
    made.bytes += gzip.finish()?.metadata()?.len();
    made.files += 1;
    Ok(())
}
