//! How fast one device, or all guests together, may ask.
use parking_lot::Mutex;
use std::collections::HashMap;
use suki_types::{DeviceId, Timestamp};

/// Tokens that refill with time: 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f32,
    at: Timestamp,
}

impl Bucket {
    /// A full one.
    pub fn full(capacity: u32, now: Timestamp) -> Self {
        Self { tokens: capacity as f32, at: now }
    }

    /// Takes a token, or says when the next one comes. `per_millis`: how long it takes until an empty bucket is full.
    pub fn take(&mut self, capacity: u32, per_millis: i64, now: Timestamp) -> Result<(), Timestamp> {
        let rate = capacity as f32 / per_millis as f32;
        let passed = now.since(self.at).clamp(0, per_millis) as f32;
        self.tokens = (self.tokens + passed * rate).min(capacity as f32);
        self.at = self.at.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(now.plus_millis((((1.0 - self.tokens) / rate) as i64).max(1)))
    }
}

/// What devices had left when they disconnected, so that connecting again does not fill the bucket.
#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<HashMap<DeviceId, Bucket>>);

/// A bucket is full again after so long without use; nothing is kept of it then.
pub(crate) const REFILL_MILLIS: i64 = 10_000;

impl Buckets {
    pub fn resume(&self, device: DeviceId, capacity: u32, now: Timestamp) -> Bucket {
        self.0.lock().remove(&device).unwrap_or_else(|| Bucket::full(capacity, now))
    }
    pub fn leave(&self, device: DeviceId, bucket: Bucket) {
        self.0.lock().insert(device, bucket);
    }
    pub fn forget_full(&self, now: Timestamp) {
        let mut kept = self.0.lock();
        kept.retain(|_, bucket| now.since(bucket.at) < REFILL_MILLIS);
        kept.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_capacity_and_then_its_rate() {
        let mut now = Timestamp::from_millis(1_000_000);
        let mut bucket = Bucket::full(10, now);
        assert!((0..10).all(|_| bucket.take(10, 1000, now).is_ok()));
        let next = bucket.take(10, 1000, now).expect_err("it is empty");
        assert_eq!(next.since(now), 100);
        now = next;
        assert!(bucket.take(10, 1000, now).is_ok());
        assert!(bucket.take(10, 1000, now).is_err());
        now = now.plus_millis(i64::from(u32::MAX));
        assert_eq!((0..20).filter(|_| bucket.take(10, 1000, now).is_ok()).count(), 10);
        assert!(bucket.take(10, 1000, now.plus_millis(-5000)).is_err());
    }
}
