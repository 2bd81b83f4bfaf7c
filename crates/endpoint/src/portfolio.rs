//! The business as the Cloud API names it: the portfolio that owns the account.
use crate::{
    Error,
    business::object_id,
    nodes::{self, Node},
    settings::{self, Document},
};
use serde::{Deserialize, Serialize};
use suki_cloud_api::ObjectId;
use suki_store::Db;
use suki_types::{AccountId, Env};

/// Its id, given when it is first needed.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Portfolio {
    id: u64,
}

impl Document for Portfolio {
    const SUBJECT: &'static str = "portfolio";
}

/// The id of a business's portfolio; a business that has none gets it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn id(db: &Db, env: &Env, business: AccountId) -> Result<ObjectId, Error> {
    let known = db.read(move |tx| Ok::<_, Error>(settings::find::<Portfolio>(tx, business)?)).await?;
    if let Some(Portfolio { id }) = known {
        return Ok(object_id(id)?);
    }
    let env = env.clone();
    db.write(move |tx| {
        if let Some(Portfolio { id }) = settings::find(tx, business)? {
            return Ok(object_id(id)?);
        }
        let id = nodes::name(tx, &env, business, Node::Business)?;
        settings::store(tx, business, &Portfolio { id: id.number() })?;
        Ok(id)
    })
    .await
}
