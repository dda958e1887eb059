//! What a process takes, as Linux counts it: memory now, memory at its peak, processor time.

use std::time::Duration;

/// Bytes that the process holds in memory now.
pub fn resident(pid: u32) -> u64 {
    status(pid, "VmRSS:")
}

/// The most that it ever held.
pub fn peak(pid: u32) -> u64 {
    status(pid, "VmHWM:")
}

fn status(pid: u32, key: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// Seconds of all processors that it has used.
pub fn processor(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name before is in parentheses and may contain anything; user and system time are fields 14 and 15.
    let fields: Vec<&str> = text.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    ticks as f64 / 100.0
}

/// The share of one processor that it uses, measured over `window`.
pub async fn busy(pid: u32, window: Duration) -> f64 {
    let before = processor(pid);
    tokio::time::sleep(window).await;
    (processor(pid) - before) / window.as_secs_f64()
}

/// For people.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
