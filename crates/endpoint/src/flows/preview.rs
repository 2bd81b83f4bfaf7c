//! The addresses of a flow's preview and of its file: whoever has one sees it, without a token, until it is over or was made anew.
use super::{Flow, row};
use crate::{Business, Endpoint, Error, nodes::Node};
use suki_cloud_api::ObjectId;
use suki_types::Timestamp;

/// What an address shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Its screens, for people.
    Preview,
    /// Its file.
    File,
}

impl What {
    /// The last part of its path.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::File => "flow.json",
        }
    }
}

/// What somebody sees who follows such an address.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The flow.
    pub flow: Flow,
    /// Its file; "" while it has none.
    pub json: String,
}

impl Business {
    /// The address at `origin` of a flow's preview or file, and until when it holds. `anew`: earlier ones are over.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such flow, [`Error::Unavailable`] while the rules are not known.
    pub async fn flow_address(&self, origin: &str, id: ObjectId, what: What, anew: bool) -> Result<(String, Timestamp), Error> {
        let (business, now, life) = (self.id(), self.env().now(), self.flow_rules()?.preview_millis);
        let mut flow = self.flow(id).await?;
        if anew || flow.preview_until <= now {
            flow = self
                .db()
                .write(move |tx| {
                    let mut flow = row::get(tx, business, id)?.ok_or(Error::NotFound("flow"))?;
                    (flow.preview_salt, flow.preview_until) = (flow.preview_salt + 1, now.plus_millis(life));
                    row::set_preview(tx, business, &flow)?;
                    Ok::<_, Error>(flow)
                })
                .await?;
        }
        Ok((format!("{origin}/flow/{id}/{}?token={}", what.word(), self.flow_token(&flow, what)), flow.preview_until))
    }

    fn flow_token(&self, flow: &Flow, what: What) -> String {
        let of =
            [self.id().as_bytes().as_slice(), &flow.id.number().to_be_bytes(), &flow.preview_salt.to_be_bytes(), what.word().as_bytes()].concat();
        hex::encode(self.common().vault().pseudonym("flow-address", &of))
    }
}

impl Endpoint {
    /// What an address shows.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an address that nobody was given, that is over, or that was made anew.
    pub async fn flow_shown(&self, id: ObjectId, what: What, token: &str) -> Result<Shown, Error> {
        let none = || Error::NotFound("flow");
        let (Node::Flow, owner) = self.node(id).await? else { return Err(none()) };
        let business = self.business(owner)?;
        let flow = business.flow(id).await?;
        let right = business.flow_token(&flow, what);
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(right.as_bytes(), token.as_bytes());
        if same.is_err() || flow.preview_salt == 0 || flow.preview_until <= self.env().now() {
            return Err(none());
        }
        let json = business.flow_file(id).await?;
        Ok(Shown { flow, json })
    }
}
