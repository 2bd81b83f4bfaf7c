//! What the system says of this process (`/proc/self`); nothing where there is no such folder.
use std::fs;

/// Ticks in a second, as Linux counts processor time for programs on every machine it runs on.
const TICKS: u64 = 100;

/// What it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Process {
    /// Memory that is in RAM, in bytes.
    pub resident_bytes: u64,
    /// Processor time, in whole seconds.
    pub cpu_seconds: u64,
    /// Threads.
    pub threads: u64,
    /// Open files and sockets.
    pub open_files: u64,
}

impl Process {
    /// Of this process, now.
    pub fn now() -> Self {
        let read = |name: &str| fs::read_to_string(format!("/proc/self/{name}")).unwrap_or_default();
        let open_files = fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64);
        Self { open_files, ..Self::parse(&read("status"), &read("stat")) }
    }

    fn parse(status: &str, stat: &str) -> Self {
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        // The program's name may have spaces; what follows its bracket has none. utime and stime are the 14th and 15th of all.
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Self {
            resident_bytes: field("VmRSS:").unwrap_or(0) * 1024,
            cpu_seconds: ticks / TICKS,
            threads: field("Threads:").unwrap_or(0),
            open_files: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_writes_is_read() {
        let status = "Name:\tsuki\nVmRSS:\t   20480 kB\nThreads:\t9\n";
        let stat = "41 (su ki) S 1 41 41 0 -1 4194304 2000 0 0 0 1250 350 0 0 20 0 9 0 100 1 2";
        assert_eq!(Process::parse(status, stat), Process { resident_bytes: 20 * 1024 * 1024, cpu_seconds: 16, threads: 9, open_files: 0 });
        assert_eq!(Process::parse("", ""), Process::default());
        let own = Process::now();
        assert!(own.resident_bytes > 1024 * 1024 && own.threads >= 1 && own.open_files >= 3, "{own:?}");
    }
}
