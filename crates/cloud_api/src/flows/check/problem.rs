//! What is wrong with a flow, as programs are told.
use super::located::Span;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a flow's JSON breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has not the shape of Flow JSON.
    Schema,
    /// It has the shape, and says what cannot be.
    Meaning,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Such as `INVALID_PROPERTY`.
    pub error: String,
    /// `JSON_SCHEMA_ERROR` or `FLOW_JSON_ERROR`.
    pub error_type: String,
    /// A sentence.
    pub message: String,
    /// Where: lines and columns, counted from 1.
    pub line_start: u32,
    /// See `line_start`.
    pub line_end: u32,
    /// See `line_start`.
    pub column_start: u32,
    /// See `line_start`.
    pub column_end: u32,
    /// Where in the document, such as `$root/screens/0`.
    pub path: String,
}

impl Problem {
    /// Something wrong in this place.
    pub fn new(kind: Kind, error: &str, message: impl Into<String>, (path, span): (&str, Span)) -> Self {
        Self {
            error: error.into(),
            error_type: if kind == Kind::Schema { "JSON_SCHEMA_ERROR" } else { "FLOW_JSON_ERROR" }.into(),
            message: message.into(),
            line_start: span.line_start,
            line_end: span.line_end,
            column_start: span.column_start,
            column_end: span.column_end,
            path: path.into(),
        }
    }

    /// As an item of `validation_errors`.
    pub fn told(&self) -> Value {
        let Self { error, error_type, message, line_start, line_end, column_start, column_end, path } = self;
        json!({
            "error": error, "error_type": error_type, "message": message,
            "line_start": line_start, "line_end": line_end, "column_start": column_start, "column_end": column_end,
            "pointers": [{"line_start": line_start, "line_end": line_end, "column_start": column_start, "column_end": column_end, "path": path}],
        })
    }
}
