//! Making, changing, publishing, copying and deleting flows.
use super::{Flow, refused, row};
use crate::{
    Business, Error,
    nodes::{self, Node},
    webhooks::{self, Queued},
};
use std::sync::Arc;
use suki_cloud_api::{
    Code, ObjectId,
    flows::{
        Status,
        check::{self, Outline},
        request::{self, Change, New},
        webhook,
    },
};
use suki_store::Tx;
use suki_types::Timestamp;

/// What became of copying a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The first one; none when there is none of this name.
    pub source: Option<ObjectId>,
    /// What both are called.
    pub name: String,
    /// The copy; otherwise why there is none.
    pub copy: Result<ObjectId, String>,
}

fn none() -> Error {
    Error::NotFound("flow")
}

/// A check may take as long as a file is large: it stands beside the other tasks.
async fn outline(json: &Arc<String>) -> Result<Outline, Error> {
    let json = json.clone();
    tokio::task::spawn_blocking(move || check::check(&json)).await.map_err(|error| Error::Internal(error.to_string()))
}

/// What stands in the way of publishing a flow.
fn publishable(flow: &Flow) -> Result<(), Error> {
    let no = |why: String| Err(refused(Code::FlowCannotPublish, why));
    if flow.status != Status::Draft {
        return no(format!("The flow is {}; only a draft is published. Clone it to change it", flow.status.word()));
    }
    if !flow.has_file {
        return no("The flow has no screens yet: send its flow.json to /assets".into());
    }
    if let Some(first) = flow.outline.problems.first() {
        let count = flow.outline.problems.len();
        return no(format!(
            "The flow's file has {count} mistakes; the first is at line {}: {} validation_errors names all",
            first.line_start, first.message
        ));
    }
    if !flow.outline.data_api_version.is_empty() && flow.server().is_empty() {
        return no("The flow asks its business's server, and has none: set endpoint_uri".into());
    }
    Ok(())
}

impl Flow {
    /// Where its server is: as it was set, or as its file says, which the first versions do; "" without one.
    pub fn server(&self) -> &str {
        if self.endpoint.is_empty() { &self.outline.data_channel_uri } else { &self.endpoint }
    }
}

impl Business {
    /// A flow.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has none of this id.
    pub async fn flow(&self, id: ObjectId) -> Result<Flow, Error> {
        let business = self.id();
        self.db().read(move |tx| row::get(tx, business, id)?.ok_or_else(none)).await
    }

    /// Every flow, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn flows(&self) -> Result<Vec<Flow>, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok::<_, Error>(row::all(tx, business)?)).await
    }

    /// The file of a flow; "" while it has none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn flow_file(&self, id: ObjectId) -> Result<String, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok::<_, Error>(row::file(tx, business, id)?)).await
    }

    /// Makes a flow, and publishes it when that was asked and its file is right.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for a name that is taken or a flow to copy that is not there, and when there are as many as the policy allows.
    pub async fn create_flow(self: &Arc<Self>, app: ObjectId, new: New) -> Result<Flow, Error> {
        let most = self.flow_rules()?.most;
        let cloned = match new.clone_of {
            Some(id) => {
                let missing = |_| refused(Code::InvalidParameter, "clone_flow_id: this account has no such flow");
                Some(self.flow(id).await.map_err(missing)?)
            }
            None => None,
        };
        let json = match (new.json, &cloned) {
            (Some(json), _) => json,
            (None, Some(cloned)) => self.flow_file(cloned.id).await?,
            (None, None) => String::new(),
        };
        let json = Arc::new(json);
        let outline = if json.is_empty() { Outline::default() } else { outline(&json).await? };
        let now = self.env().now();
        let of_first = |own: String, first: Option<&String>| if own.is_empty() { first.cloned().unwrap_or_default() } else { own };
        let flow = Flow {
            id: ObjectId::new(self.env()),
            name: new.name,
            categories: if new.categories.is_empty() {
                cloned.as_ref().map(|one| one.categories.clone()).unwrap_or_default()
            } else {
                new.categories
            },
            status: Status::Draft,
            endpoint: of_first(new.endpoint, cloned.as_ref().map(|one| &one.endpoint)),
            app,
            outline,
            has_file: !json.is_empty(),
            created_at: now,
            updated_at: now,
            file: None,
            preview_salt: 0,
            preview_until: Timestamp::from_millis(0),
        };
        let (own, made) = (self.clone(), flow.clone());
        self.db().write(move |tx| insert(&own, tx, &made, &json, most)).await?;
        // A file with mistakes makes a draft, whatever was asked: the answer names them.
        if new.publish && publishable(&flow).is_ok() {
            return self.publish_flow(flow.id).await;
        }
        Ok(flow)
    }

    /// Changes what a flow is called, what it is for, and where its server is.
    ///
    /// # Errors
    /// [`Error::Refused`] with 139001 when it is no draft any more, unless only server or app change; with 100 for a name that is taken, and for an app
    /// that is not the business's.
    pub async fn change_flow(self: &Arc<Self>, id: ObjectId, change: Change) -> Result<Flow, Error> {
        if let Some(app) = change.app {
            let missing = |_| refused(Code::InvalidParameter, "application_id: this business has no such app");
            self.app_name(app).await.map_err(missing)?;
        }
        let (business, now) = (self.id(), self.env().now());
        self.db()
            .write(move |tx| {
                let mut flow = row::get(tx, business, id)?.ok_or_else(none)?;
                let renames = change.name.as_ref().is_some_and(|name| *name != flow.name) || change.categories.is_some();
                if flow.status == Status::Deprecated || (renames && flow.status != Status::Draft) {
                    let details = format!(
                        "The flow is {}: name and categories change while it is a draft, endpoint_uri and application_id until it is deprecated",
                        flow.status.word()
                    );
                    return Err(refused(Code::FlowCannotUpdate, details));
                }
                if let Some(name) = &change.name {
                    if row::by_name(tx, business, name)?.is_some_and(|other| other.id != id) {
                        return Err(Error::Refused(request::name_taken()));
                    }
                    flow.name.clone_from(name);
                }
                flow.categories = change.categories.clone().unwrap_or(flow.categories);
                flow.endpoint = change.endpoint.clone().unwrap_or(flow.endpoint);
                flow.app = change.app.unwrap_or(flow.app);
                flow.updated_at = now;
                row::update(tx, business, &flow)?;
                Ok(flow)
            })
            .await
    }

    /// Gives a draft its file. What is wrong with it is kept with it, and stands in the way of publishing alone.
    ///
    /// # Errors
    /// [`Error::Refused`] with 139001 when it is no draft any more.
    pub async fn set_flow_file(self: &Arc<Self>, id: ObjectId, json: String) -> Result<Flow, Error> {
        let json = Arc::new(json);
        let outline = outline(&json).await?;
        let (business, now) = (self.id(), self.env().now());
        self.db()
            .write(move |tx| {
                let mut flow = row::get(tx, business, id)?.ok_or_else(none)?;
                if flow.status != Status::Draft {
                    let details = format!("The flow is {}: what was published stays as it is. Make a copy with clone_flow_id", flow.status.word());
                    return Err(refused(Code::FlowCannotUpdate, details));
                }
                (flow.outline, flow.has_file, flow.updated_at) = (outline.clone(), true, now);
                row::set_file(tx, business, &flow, &json)?;
                Ok(flow)
            })
            .await
    }

    /// From now on it goes to customers, and stays as it is.
    ///
    /// # Errors
    /// [`Error::Refused`] with 139002 and what stands in the way.
    pub async fn publish_flow(self: &Arc<Self>, id: ObjectId) -> Result<Flow, Error> {
        self.move_flow(id, Status::Published, publishable).await
    }

    /// From now on it goes to nobody.
    ///
    /// # Errors
    /// [`Error::Refused`] with 139003 when it was never published, or is deprecated already.
    pub async fn deprecate_flow(self: &Arc<Self>, id: ObjectId) -> Result<Flow, Error> {
        let check = |flow: &Flow| {
            if flow.status.is_live() {
                return Ok(());
            }
            let details = format!("The flow is {}; only a published one is deprecated, and a draft is deleted", flow.status.word());
            Err(refused(Code::FlowCannotDeprecate, details))
        };
        self.move_flow(id, Status::Deprecated, check).await
    }

    async fn move_flow(self: &Arc<Self>, id: ObjectId, to: Status, check: fn(&Flow) -> Result<(), Error>) -> Result<Flow, Error> {
        let own = self.clone();
        let (flow, queued) = self
            .db()
            .write(move |tx| {
                let flow = row::get(tx, own.id(), id)?.ok_or_else(none)?;
                check(&flow)?;
                set_status(&own, tx, flow, to)
            })
            .await?;
        self.common().dispatcher().notify(queued);
        Ok(flow)
    }

    /// Takes a draft away.
    ///
    /// # Errors
    /// [`Error::Refused`] with 139004 when it was published.
    pub async fn delete_flow(&self, id: ObjectId) -> Result<(), Error> {
        let business = self.id();
        self.db()
            .write(move |tx| {
                let flow = row::get(tx, business, id)?.ok_or_else(none)?;
                if flow.status != Status::Draft {
                    let details = format!("The flow is {}; only a draft is deleted. Deprecate it, and nobody gets it any more", flow.status.word());
                    return Err(refused(Code::FlowCannotDelete, details));
                }
                row::delete(tx, business, id)?;
                Ok(nodes::remove(tx, id)?)
            })
            .await?;
        self.forget_node(id);
        Ok(())
    }

    /// Copies flows of another business's account, or all of them, with their names. What was published is published again.
    ///
    /// # Errors
    /// When the store fails; what becomes of each flow stands in the answer.
    pub async fn copy_flows(self: &Arc<Self>, app: ObjectId, source: &Self, names: Vec<String>) -> Result<Vec<Copied>, Error> {
        let there = source.flows().await?;
        let names = if names.is_empty() { there.iter().map(|flow| flow.name.clone()).collect() } else { names };
        let mut copied = Vec::with_capacity(names.len());
        for name in names {
            let Some(first) = there.iter().find(|flow| flow.name == name) else {
                copied.push(Copied { source: None, name, copy: Err("Flow name not found in source WABA.".into()) });
                continue;
            };
            let new = New {
                name: name.clone(),
                categories: first.categories.clone(),
                endpoint: first.endpoint.clone(),
                clone_of: None,
                json: Some(source.flow_file(first.id).await?).filter(|json| !json.is_empty()),
                publish: first.status.is_live(),
            };
            let copy = match self.create_flow(app, new).await {
                Ok(flow) => Ok(flow.id),
                Err(Error::Refused(refused)) => Err(refused.details),
                Err(other) => return Err(other),
            };
            copied.push(Copied { source: Some(first.id), name, copy });
        }
        Ok(copied)
    }
}

fn insert(business: &Business, tx: &mut Tx<'_>, flow: &Flow, json: &str, most: u32) -> Result<(), Error> {
    let id = business.id();
    let count = row::count(tx, id)?;
    if count >= u64::from(most) {
        let details = format!("The account has {count} flows; at most {most} are allowed. Delete a draft first");
        return Err(refused(Code::InvalidParameter, details));
    }
    if row::by_name(tx, id, &flow.name)?.is_some() {
        return Err(Error::Refused(request::name_taken()));
    }
    row::insert(tx, id, flow, json)?;
    Ok(nodes::insert(tx, id, Node::Flow, flow.id)?)
}

/// Moves a flow to another state, and tells programs.
///
/// # Errors
/// When the store fails.
pub(super) fn set_status(business: &Business, tx: &mut Tx<'_>, mut flow: Flow, to: Status) -> Result<(Flow, Vec<Queued>), Error> {
    let (old, now) = (std::mem::replace(&mut flow.status, to), business.env().now());
    flow.updated_at = now;
    row::update(tx, business.id(), &flow)?;
    let value = webhook::status_change(flow.id, &flow.name, old, to);
    let queued = webhooks::account(business, tx, webhook::FIELD, &value, now)?;
    Ok((flow, queued))
}
