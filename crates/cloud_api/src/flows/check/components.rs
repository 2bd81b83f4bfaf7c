//! What a screen may be made of: every component with its properties (Flow JSON 2.1 to 7.3). One table, and no rules.

/// A version of Flow JSON.
pub type Version = (u8, u8);

/// The versions that are read.
pub const VERSIONS: &[Version] = &[(2, 1), (3, 0), (3, 1), (4, 0), (5, 0), (5, 1), (6, 0), (6, 1), (6, 2), (6, 3), (7, 0), (7, 1), (7, 2), (7, 3)];

/// What stands in a property. Whatever is no structure may also be a text that refers to data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text of at most so many characters.
    Text(usize),
    /// True or false.
    Flag,
    /// A number.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text, or several.
    Texts,
    /// Texts.
    List,
    /// Whatever there is to choose from: items with `id` and `title`, at most so many.
    Choices(usize),
    /// An action of one of these names.
    Action(&'static [&'static str]),
    /// Components.
    Children,
    /// Components by a value.
    Cases,
    /// Anything; what it refers to is looked at.
    Any,
}

/// A property.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub shape: Shape,
    /// Whether it has to be there.
    pub required: bool,
    /// The first version that has it.
    pub since: Version,
}

/// A component.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// Its type.
    pub name: &'static str,
    /// The first version that has it.
    pub since: Version,
    /// Whether a person enters something there, so that others refer to it by its name.
    pub is_input: bool,
    /// How many a screen may have.
    pub most: usize,
    /// Its properties, beside `type`.
    pub properties: &'static [Property],
}

const fn need(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, required: true, since: (0, 0) }
}
const fn may(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, required: false, since: (0, 0) }
}
const fn since(since: Version, name: &'static str, shape: Shape) -> Property {
    Property { name, shape, required: false, since }
}

use Shape::{Action, Any, Cases, Children, Choices, Flag, List, Number, Text, Texts, Word};

const VISIBLE: Property = may("visible", Flag);
const ENABLED: Property = may("enabled", Flag);
const REQUIRED: Property = may("required", Flag);
const NAME: Property = need("name", Text(200));
const INIT: Property = since((4, 0), "init-value", Any);
const WRONG: Property = since((4, 0), "error-message", Any);
const HELP: Property = may("helper-text", Text(80));
const SIZE: Property = since((5, 0), "media-size", Word(&["regular", "large"]));
const CHOICES: Property = need("data-source", Choices(200));
const SELECT: Property = may("on-select-action", Action(&["data_exchange", "update_data"]));
const UNSELECT: Property = since((6, 0), "on-unselect-action", Action(&["data_exchange", "update_data"]));
const MARKDOWN: Property = since((5, 1), "markdown", Flag);
const WEIGHT: Property = may("font-weight", Word(&["normal", "bold", "italic", "bold_italic"]));
const VARIANT: Property = since((7, 0), "label-variant", Word(&["large"]));
const UNAVAILABLE: Property = may("unavailable-dates", Any);
const MIN_DATE: Property = may("min-date", Any);
const MAX_DATE: Property = may("max-date", Any);

/// What an action may be of what goes on.
const CLICK: &[&str] = &["navigate", "complete", "data_exchange"];
/// The same of what leads elsewhere.
const LINK: &[&str] = &["navigate", "data_exchange", "open_url"];

const fn shown(name: &'static str, properties: &'static [Property]) -> Component {
    Component { name, since: (0, 0), is_input: false, most: 50, properties }
}
const fn input(name: &'static str, properties: &'static [Property]) -> Component {
    Component { name, since: (0, 0), is_input: true, most: 50, properties }
}
const fn later(since: Version, component: Component) -> Component {
    Component { since, ..component }
}
const fn few(most: usize, component: Component) -> Component {
    Component { most, ..component }
}

/// Every component.
pub const COMPONENTS: &[Component] = &[
    few(1, shown("Form", &[need("name", Text(200)), need("children", Children), may("init-values", Any), may("error-messages", Any)])),
    shown("TextHeading", &[need("text", Text(80)), VISIBLE]),
    shown("TextSubheading", &[need("text", Text(80)), VISIBLE]),
    shown("TextBody", &[need("text", Texts), WEIGHT, may("strikethrough", Flag), MARKDOWN, VISIBLE]),
    shown("TextCaption", &[need("text", Texts), WEIGHT, may("strikethrough", Flag), MARKDOWN, VISIBLE]),
    later((5, 1), shown("RichText", &[need("text", Texts), VISIBLE])),
    input(
        "TextInput",
        &[
            need("label", Text(20)),
            VARIANT,
            may("input-type", Word(&["text", "number", "email", "password", "passcode", "phone"])),
            since((6, 2), "pattern", Text(500)),
            NAME,
            REQUIRED,
            may("min-chars", Number),
            may("max-chars", Number),
            HELP,
            ENABLED,
            VISIBLE,
            INIT,
            WRONG,
        ],
    ),
    input("TextArea", &[need("label", Text(20)), VARIANT, NAME, REQUIRED, may("max-length", Number), HELP, ENABLED, VISIBLE, INIT, WRONG]),
    input(
        "CheckboxGroup",
        &[
            CHOICES,
            NAME,
            may("label", Text(30)),
            since((4, 0), "description", Text(300)),
            may("min-selected-items", Number),
            may("max-selected-items", Number),
            ENABLED,
            REQUIRED,
            VISIBLE,
            SELECT,
            UNSELECT,
            INIT,
            WRONG,
            SIZE,
        ],
    ),
    later(
        (6, 3),
        input(
            "ChipsSelector",
            &[
                CHOICES,
                NAME,
                need("label", Text(80)),
                may("description", Text(300)),
                may("min-selected-items", Number),
                may("max-selected-items", Number),
                ENABLED,
                REQUIRED,
                VISIBLE,
                SELECT,
                UNSELECT,
                INIT,
                WRONG,
            ],
        ),
    ),
    input(
        "RadioButtonsGroup",
        &[
            CHOICES,
            NAME,
            may("label", Text(30)),
            since((4, 0), "description", Text(300)),
            ENABLED,
            REQUIRED,
            VISIBLE,
            SELECT,
            UNSELECT,
            INIT,
            WRONG,
            SIZE,
        ],
    ),
    input("Dropdown", &[need("label", Text(20)), CHOICES, NAME, ENABLED, REQUIRED, VISIBLE, SELECT, UNSELECT, INIT, WRONG]),
    shown(
        "Footer",
        &[
            need("label", Text(35)),
            may("left-caption", Text(15)),
            may("center-caption", Text(15)),
            may("right-caption", Text(15)),
            ENABLED,
            need("on-click-action", Action(CLICK)),
        ],
    ),
    few(5, input("OptIn", &[need("label", Text(120)), NAME, REQUIRED, may("on-click-action", Action(LINK)), SELECT, UNSELECT, VISIBLE, INIT])),
    few(3, shown("EmbeddedLink", &[need("text", Text(25)), need("on-click-action", Action(LINK)), VISIBLE])),
    few(
        2,
        later(
            (6, 2),
            shown(
                "NavigationList",
                &[
                    NAME,
                    need("list-items", Choices(20)),
                    may("label", Text(80)),
                    may("description", Text(300)),
                    SIZE,
                    may("on-click-action", Action(LINK)),
                    VISIBLE,
                ],
            ),
        ),
    ),
    input("DatePicker", &[need("label", Text(40)), NAME, MIN_DATE, MAX_DATE, UNAVAILABLE, HELP, ENABLED, REQUIRED, VISIBLE, SELECT, INIT, WRONG]),
    later(
        (6, 1),
        input(
            "CalendarPicker",
            &[
                NAME,
                need("label", Any),
                may("title", Text(80)),
                may("description", Text(300)),
                may("helper-text", Any),
                may("required", Any),
                VISIBLE,
                ENABLED,
                may("mode", Word(&["single", "range"])),
                MIN_DATE,
                MAX_DATE,
                UNAVAILABLE,
                may("include-days", Any),
                may("min-days", Number),
                may("max-days", Number),
                SELECT,
                INIT,
                WRONG,
            ],
        ),
    ),
    few(
        3,
        shown(
            "Image",
            &[
                need("src", Text(usize::MAX)),
                may("width", Number),
                may("height", Number),
                may("scale-type", Word(&["cover", "contain"])),
                may("aspect-ratio", Number),
                may("alt-text", Text(100)),
                VISIBLE,
            ],
        ),
    ),
    few(
        2,
        later(
            (7, 1),
            shown("ImageCarousel", &[need("images", Any), may("aspect-ratio", Text(10)), may("scale-type", Word(&["cover", "contain"])), VISIBLE]),
        ),
    ),
    few(
        1,
        later(
            (4, 0),
            input(
                "PhotoPicker",
                &[
                    NAME,
                    need("label", Text(80)),
                    may("description", Text(300)),
                    may("photo-source", Word(&["camera_gallery", "camera", "gallery"])),
                    may("max-file-size-kb", Number),
                    may("min-uploaded-photos", Number),
                    may("max-uploaded-photos", Number),
                    ENABLED,
                    VISIBLE,
                    WRONG,
                ],
            ),
        ),
    ),
    few(
        1,
        later(
            (4, 0),
            input(
                "DocumentPicker",
                &[
                    NAME,
                    need("label", Text(80)),
                    may("description", Text(300)),
                    may("max-file-size-kb", Number),
                    may("min-uploaded-documents", Number),
                    may("max-uploaded-documents", Number),
                    may("allowed-mime-types", List),
                    ENABLED,
                    VISIBLE,
                    WRONG,
                ],
            ),
        ),
    ),
    later((4, 0), shown("If", &[need("condition", Any), need("then", Children), may("else", Children)])),
    later((4, 0), shown("Switch", &[need("value", Any), need("cases", Cases)])),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn nothing_stands_twice_and_versions_grow() {
        let names: HashSet<_> = COMPONENTS.iter().map(|one| one.name).collect();
        assert_eq!(names.len(), COMPONENTS.len());
        for component in COMPONENTS {
            let names: HashSet<_> = component.properties.iter().map(|one| one.name).collect();
            assert_eq!(names.len(), component.properties.len(), "{}", component.name);
            assert_eq!(component.is_input, component.is_input && names.contains("name"), "{}", component.name);
        }
        assert!(VERSIONS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
