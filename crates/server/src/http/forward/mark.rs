//! The header by which a node knows that another has sent a request on: nobody outside can write it, so that nobody can keep requests from going on.
use super::super::origin::Origin;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, HeaderName};
use suki_endpoint::vault::Vault;
use suki_types::AccountId;

/// Its name.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-suki-forwarded");

/// What one node tells another of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The business it is for.
    pub business: AccountId,
    /// By which address it came.
    pub origin: Origin,
}

impl Mark {
    fn text(self) -> String {
        let origin = match self.origin {
            Origin::Own => "own",
            Origin::Meta => "meta",
        };
        format!("{} {origin}", self.business)
    }

    /// As a header, sealed by the key that all nodes have.
    pub fn written(self, vault: &Vault) -> String {
        let text = self.text();
        let tag = hex::encode(vault.tag("forwarded", text.as_bytes()));
        format!("{text} {tag}")
    }

    fn read(text: &str, vault: &Vault) -> Option<Self> {
        let (said, _) = text.rsplit_once(' ')?;
        let (business, origin) = said.split_once(' ')?;
        let origin = match origin {
            "own" => Origin::Own,
            "meta" => Origin::Meta,
            _ => return None,
        };
        let mark = Self { business: business.parse().ok()?, origin };
        verify_slices_are_equal(mark.written(vault).as_bytes(), text.as_bytes()).ok().map(|()| mark)
    }
}

/// Takes the header off a request. One that no node of ours has written says nothing.
pub(super) fn take(headers: &mut HeaderMap, vault: &Vault) -> Option<Mark> {
    let value = headers.remove(HEADER)?;
    Mark::read(value.to_str().ok()?, vault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Env;

    #[test]
    fn only_who_has_the_key_can_write_it() {
        let env = Env::for_tests(1);
        let (own, other) = (Vault::new([1; 32], env.clone()), Vault::new([2; 32], env.clone()));
        let mark = Mark { business: AccountId::new(&env), origin: Origin::Meta };
        let read = |text: &str| {
            let mut headers = HeaderMap::from_iter([(HEADER, text.parse().expect("a header"))]);
            let found = take(&mut headers, &own);
            assert!(headers.is_empty(), "it goes no further");
            found
        };
        let written = mark.written(&own);
        assert_eq!(read(&written), Some(mark));
        let elsewhere = Mark { business: AccountId::new(&env), ..mark }.written(&own);
        let (_, tag) = elsewhere.rsplit_once(' ').expect("it ends with its tag");
        for wrong in [mark.written(&other), mark.text(), format!("{} {tag}", mark.text()), String::new(), "1".into(), written.replace("meta", "own")]
        {
            assert_eq!(read(&wrong), None, "{wrong}");
        }
    }
}
