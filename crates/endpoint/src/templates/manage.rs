//! What is asked of the network about templates. Every answer is stored before it is told, so that a template can be used at once (R87).
use super::store;
use crate::{Business, Error};
use std::sync::Arc;
use suki_protocol::calls::templates::{Appeal, Create, Delete, Edit, List, Stored, Template, Unpause};
use suki_template::Draft;

/// How many templates are read from the network at once.
const PAGE: u32 = 50;

impl Business {
    /// Proposes a template. What became of it at once stands in its status.
    ///
    /// # Errors
    /// [`Error::Refused`] with the network's reason and code; [`Error::Link`] when it cannot be reached.
    pub async fn create_template(&self, draft: Draft) -> Result<Template, Error> {
        let answer = self.link.call(&Create { draft, greeting: false }).await?;
        self.keep(answer).await
    }

    /// Changes a template.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has none of this id; as [`Business::create_template`].
    pub async fn edit_template(&self, edit: Edit) -> Result<Template, Error> {
        self.template(edit.id).await?;
        let answer = self.link.call(&edit).await?;
        self.keep(answer).await
    }

    /// Removes all languages of a name, or the one with this id.
    ///
    /// # Errors
    /// As [`Business::create_template`].
    pub async fn delete_template(&self, name: String, id: Option<u64>) -> Result<(), Error> {
        let deleted = self.link.call(&Delete { name, id }).await?;
        let business = self.id();
        self.db()
            .write(move |tx| {
                for id in &deleted.ids {
                    store::remove(tx, business, *id)?;
                }
                Ok(())
            })
            .await
    }

    /// Asks for another look at a template that was rejected or disabled.
    ///
    /// # Errors
    /// As [`Business::edit_template`].
    pub async fn appeal_template(&self, id: u64, text: String) -> Result<Template, Error> {
        self.template(id).await?;
        let answer = self.link.call(&Appeal { id, text }).await?;
        self.keep(answer).await
    }

    /// Asks that a paused template may be sent again.
    ///
    /// # Errors
    /// As [`Business::edit_template`].
    pub async fn unpause_template(&self, id: u64) -> Result<Template, Error> {
        self.template(id).await?;
        let answer = self.link.call(&Unpause { id }).await?;
        self.keep(answer).await
    }

    async fn keep(&self, stored: Stored) -> Result<Template, Error> {
        let (business, now, template) = (self.id(), self.env().now(), stored.template.clone());
        self.db()
            .write(move |tx| {
                store::put_limits(tx, business, &stored.limits, None, now)?;
                Ok::<_, Error>(store::put(tx, business, &stored.template)?)
            })
            .await?;
        Ok(template)
    }
}

/// Reads all templates from the network, after each log-in: what it said meanwhile comes as notices, and this mends what was lost with a backup.
///
/// # Errors
/// When the network cannot be asked or the store fails; it is done again after the next log-in.
pub(crate) async fn sync(business: &Arc<Business>) -> Result<(), Error> {
    let id = business.id();
    let before = business.db().read(move |tx| Ok::<_, Error>(store::ids(tx, id)?)).await?;
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = business.link.call(&List { after, limit: PAGE, ..List::default() }).await?;
        let now = business.env().now();
        let next = page.next;
        seen.extend(page.templates.iter().map(|template| template.id));
        business
            .db()
            .write(move |tx| {
                store::put_limits(tx, id, &page.limits, Some(page.allowed), now)?;
                page.templates.iter().try_for_each(|template| store::put(tx, id, template))?;
                Ok::<_, Error>(())
            })
            .await?;
        // The ids only grow: a network that goes back would be read for ever.
        if next <= after {
            break;
        }
        after = next;
    }
    let gone: Vec<u64> = before.into_iter().filter(|id| !seen.contains(id)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    business.db().write(move |tx| Ok::<_, Error>(gone.iter().try_for_each(|one| store::remove(tx, id, *one))?)).await
}
