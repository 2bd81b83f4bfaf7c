//! What the policy says of the terms that businesses accept.
use super::section::section;
use crate::Length;

section! {
    /// Terms of service and privacy policy, which a business accepts before it uses the product (R26). Both have one version.
    pub struct Terms in "terms" {
        /// The version in force. A larger one has to be accepted anew.
        pub version: u32 = in (1, 1000000),
        /// For how long a business that accepted an earlier version may go on, from when the server first ran with this one.
        pub grace: Length = in ("1m", "365d"),
        /// What the terms are called.
        pub title: String = in (1, 120),
        /// Where the terms can be read; "" when `text` has them.
        pub url: String = in (0, 2000),
        /// The terms; "" when `url` leads to them.
        pub text: String = in (0, 50000),
        /// What the privacy policy is called.
        pub privacy_title: String = in (1, 120),
        /// Where the privacy policy can be read; "" when `privacy_text` has it.
        pub privacy_url: String = in (0, 2000),
        /// The privacy policy; "" when `privacy_url` leads to it.
        pub privacy_text: String = in (0, 50000),
    }
    check fits;
}

fn fits(terms: &Terms) -> Result<(), (&'static str, String)> {
    for (field, url, text) in [("url", &terms.url, &terms.text), ("privacy_url", &terms.privacy_url, &terms.privacy_text)] {
        if url.is_empty() && text.is_empty() {
            return Err((field, "there is neither an address nor a text: nobody can accept what he cannot read".into()));
        }
        if !url.is_empty() && !url.starts_with("https://") {
            return Err((field, "an address begins with https://".into()));
        }
    }
    Ok(())
}
