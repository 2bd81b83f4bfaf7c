//! What waits for the network.
use crate::{Endpoint, Error};

/// The most that are counted of one business.
const COUNTED: usize = 10_000;

impl Endpoint {
    /// How many messages, receipts and reactions of the businesses that run here the network has not taken yet; of one business at most 10,000 are counted.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting(&self) -> Result<u64, Error> {
        let businesses: Vec<_> = self.businesses().iter().map(|business| business.id()).collect();
        let sql = "SELECT seq FROM outbox WHERE business = ?1 ORDER BY seq LIMIT ?2";
        let counting = self.db().read(move |tx| {
            let mut waiting = 0;
            for business in &businesses {
                waiting += tx.query(sql, &[business.into(), COUNTED.into()], |row| row.get::<i64>(0))?.len() as u64;
            }
            Ok::<_, Error>(waiting)
        });
        counting.await
    }
}
