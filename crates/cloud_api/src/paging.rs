//! Pages of lists that a store reads: how many, and from where (section 2.1, row 17). Cursors are bytes that an answer gave, opaque to programs.
use crate::{ApiError, Code, Params};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// How many a page has when nothing is said.
const PAGE: u32 = 25;

/// Which page of a list is asked for. `K` is where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<K> {
    /// How many.
    pub limit: u32,
    /// After this one.
    pub after: Option<K>,
    /// Before this one.
    pub before: Option<K>,
}

/// Reads which page is asked for: 25 entries when nothing is said, and at most `largest`. `read` makes a place of a cursor's bytes; `wrong` is the code of a
/// cursor that no answer gave.
///
/// # Errors
/// 100 when `limit` is no number, or both cursors are there; `wrong` for a cursor that no answer gave.
pub fn wanted<K>(params: &Params, largest: u32, wrong: Code, read: impl Fn(&[u8]) -> Option<K>) -> Result<Wanted<K>, ApiError> {
    let limit = match params.text("limit") {
        None => PAGE,
        Some(text) => text.parse::<u32>().map_err(|_| ApiError::invalid_parameter("limit must be a number"))?.clamp(1, largest),
    };
    let place = |name: &str| -> Result<Option<K>, ApiError> {
        let Some(text) = params.text(name) else { return Ok(None) };
        let place = URL_SAFE_NO_PAD.decode(text.as_bytes()).ok().and_then(|bytes| read(&bytes));
        place.map(Some).ok_or_else(|| ApiError::new(wrong, format!("{name}: take the value from paging.cursors of the page before")))
    };
    let (after, before) = (place("after")?, place("before")?);
    if after.is_some() && before.is_some() {
        return Err(ApiError::invalid_parameter("after and before exclude each other"));
    }
    Ok(Wanted { limit, after, before })
}

/// The cursor of a place.
pub fn cursor(place: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Wanted<[u8; 2]>, i32> {
        let params = Params::from_query(query).expect("a query");
        wanted(&params, 100, Code::GroupCursor, |bytes| bytes.try_into().ok()).map_err(|error| error.code.number())
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        assert_eq!(read(&format!("limit=500&after={}", cursor([1, 2]))), Ok(Wanted { limit: 100, after: Some([1, 2]), before: None }));
        assert_eq!(read("limit=0").map(|wanted| wanted.limit), Ok(1));
        assert_eq!(read("").map(|wanted| wanted.limit), Ok(PAGE));
        assert_eq!((read("after=x"), read("before=AAA%3D"), read("limit=many")), (Err(131_059), Err(131_059), Err(100)));
        assert_eq!(read(&format!("after={0}&before={0}", cursor([1, 2]))), Err(100));
    }
}
