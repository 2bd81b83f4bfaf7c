//! Products as they stand at this moment, for messages that show them.
use crate::{Business, Error};
use suki_cloud_api::{ApiError, ObjectId};
use suki_protocol::pb;

impl Business {
    /// The products of a catalogue with these ids at their seller, in this order; those that are not known are left out. No business has a catalogue
    /// here, so that none is known.
    pub(super) fn products_for(&self, catalog: ObjectId, ids: &[String]) -> Vec<pb::Product> {
        tracing::debug!(business = %self.id(), %catalog, count = ids.len(), "products of a catalogue that is not here were asked for");
        Vec::new()
    }

    /// One product.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when it is not known.
    pub(super) fn product_for(&self, catalog: ObjectId, id: &str) -> Result<pb::Product, Error> {
        self.products_for(catalog, &[id.to_owned()]).pop().ok_or_else(|| no_product(catalog))
    }

    /// The catalogue that customers of this business may open.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when there is none.
    pub(super) fn open_catalog(&self) -> Result<ObjectId, Error> {
        let details = "interactive.action: no catalogue is connected to this business account; connect one first";
        Err(Error::Refused(ApiError::invalid_value(details)))
    }
}

/// Nothing of what was named is in the catalogue.
pub(super) fn no_product(catalog: ObjectId) -> Error {
    let details = format!("interactive.action: catalogue {catalog} has no product of these ids, or is not connected to this business account");
    Error::Refused(ApiError::invalid_value(details))
}
