//! What a table's rows come to: how many, and a checksum that does not depend on their order, nor on the engine.
use super::cell::Cell;
use aws_lc_rs::digest;

/// How many rows there are, and the sum of their digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub rows: u64,
    /// The sum, modulo 2^128, of the first 16 bytes of each row's SHA-256.
    checksum: u128,
}

impl Sum {
    /// Adds a row: the values of its columns, in the order of the columns' names.
    pub(super) fn add<'c>(&mut self, row: impl Iterator<Item = &'c Cell>, bytes: &mut Vec<u8>) {
        bytes.clear();
        row.for_each(|cell| cell.write(bytes));
        let digest = digest::digest(&digest::SHA256, bytes);
        let mut first = [0; 16];
        first.copy_from_slice(&digest.as_ref()[..16]);
        self.rows += 1;
        self.checksum = self.checksum.wrapping_add(u128::from_be_bytes(first));
    }

    /// Adds what others came to.
    pub(super) fn join(&mut self, other: Self) {
        self.rows += other.rows;
        self.checksum = self.checksum.wrapping_add(other.checksum);
    }

    pub(super) fn bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.rows.to_be_bytes());
        bytes[8..].copy_from_slice(&self.checksum.to_be_bytes());
        bytes
    }
}

/// The checksum, as people compare it.
impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[&[Cell]]) -> Sum {
        let (mut sum, mut bytes) = (Sum::default(), Vec::new());
        rows.iter().for_each(|row| sum.add(row.iter(), &mut bytes));
        sum
    }

    #[test]
    fn the_order_of_rows_does_not_count_and_everything_else_does() {
        let (a, b): (&[Cell], &[Cell]) = (&[Cell::Int(1), Cell::Text("a".into())], &[Cell::Int(2), Cell::Null]);
        assert_eq!(sum(&[a, b]), sum(&[b, a]));
        for other in
            [&[Cell::Int(1), Cell::Blob(b"a".to_vec())][..], &[Cell::Int(1), Cell::Text("b".into())], &[Cell::Text("a".into()), Cell::Int(1)]]
        {
            assert_ne!(sum(&[a]), sum(&[other]));
        }
        assert_ne!(sum(&[a]), sum(&[a, a]));
        assert_ne!(sum(&[a, a]), sum(&[b, b]), "a row that stands twice does not take itself away");
    }
}
