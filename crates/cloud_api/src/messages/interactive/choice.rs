//! Reply buttons and lists.
use crate::{
    ApiError,
    messages::bounds::{count, distinct, list as items, object, optional, required, word},
    params::Object,
};

/// A button that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Comes back when it is pressed: at most 256 characters.
    pub id: String,
    /// What stands on it: at most 20 characters.
    pub title: String,
}

/// A list of which one row is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// What stands on the button that opens it: at most 20 characters.
    pub button: String,
    /// 1 to 10, with 10 rows in all.
    pub sections: Vec<Section>,
}

/// Rows under one title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// At most 24 characters; "" only when there is no other section.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Comes back when it is chosen: at most 200 characters.
    pub id: String,
    /// At most 24 characters.
    pub title: String,
    /// At most 72 characters; "" when there is none.
    pub description: String,
}

const BUTTON_CHARS: usize = 20;
const ID_CHARS: usize = 256;
const SECTION_CHARS: usize = 24;
const ROW_ID_CHARS: usize = 200;
const ROW_CHARS: usize = 24;
const DESCRIPTION_CHARS: usize = 72;
const MOST_SECTIONS: usize = 10;
const MOST_ROWS: usize = 10;

pub(super) fn buttons(action: &Object<'_>) -> Result<Vec<Reply>, ApiError> {
    action.only(&["buttons"])?;
    let buttons: Vec<Reply> = items(action, "buttons", 1..=3)?.iter().map(|one| button(one, "reply")).collect::<Result<_, _>>()?;
    distinct(&action.path("buttons"), buttons.iter().map(|one| one.id.as_str()))?;
    Ok(buttons)
}

/// A button whose object has the name of its type: `reply`, or `quick_reply` on a card.
pub(super) fn button(given: &Object<'_>, kind: &'static str) -> Result<Reply, ApiError> {
    given.only(&["type", kind])?;
    word(given, "type", &[kind])?;
    let reply = object(given, kind)?;
    reply.only(&["id", "title"])?;
    Ok(Reply { id: required(&reply, "id", ID_CHARS)?, title: required(&reply, "title", BUTTON_CHARS)? })
}

pub(super) fn list(action: &Object<'_>) -> Result<List, ApiError> {
    action.only(&["button", "sections"])?;
    let given = items(action, "sections", 1..=MOST_SECTIONS)?;
    let sections: Vec<Section> = given.iter().map(|one| section(one, given.len())).collect::<Result<_, _>>()?;
    let rows = || sections.iter().flat_map(|section| &section.rows);
    count(&format!("all rows of {}", action.path("sections")), rows().count(), 1..=MOST_ROWS)?;
    distinct(&format!("the rows of {}", action.path("sections")), rows().map(|row| row.id.as_str()))?;
    Ok(List { button: required(action, "button", BUTTON_CHARS)?, sections })
}

fn section(given: &Object<'_>, of: usize) -> Result<Section, ApiError> {
    given.only(&["title", "rows"])?;
    Ok(Section { title: section_title(given, of)?, rows: items(given, "rows", 1..=MOST_ROWS)?.iter().map(row).collect::<Result<_, _>>()? })
}

/// Where there are several sections, each has its title.
pub(super) fn section_title(given: &Object<'_>, of: usize) -> Result<String, ApiError> {
    match optional(given, "title", SECTION_CHARS)? {
        None if of > 1 => Err(ApiError::missing(&given.path("title"))),
        title => Ok(title.unwrap_or_default()),
    }
}

fn row(given: &Object<'_>) -> Result<Row, ApiError> {
    given.only(&["id", "title", "description"])?;
    Ok(Row {
        id: required(given, "id", ROW_ID_CHARS)?,
        title: required(given, "title", ROW_CHARS)?,
        description: optional(given, "description", DESCRIPTION_CHARS)?.unwrap_or_default(),
    })
}
