//! Products: `/CATALOG/products`, `/PRODUCT`, and what `items_batch` says of one.
use super::{bounded, price, price::Price, required};
use crate::{ApiError, ObjectId, Params, params::Object};
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use serde_json::{Map, Value, json};
use std::str::FromStr as _;
use suki_types::{limits, money::Currency};

/// What a product has when no fields are asked for.
pub const PRODUCT_DEFAULT: [&str; 3] = ["id", "name", "retailer_id"];
/// The most characters of a product's id at its seller.
pub const RETAILER_CHARS: usize = 100;
/// The most characters of its name.
pub const NAME_CHARS: usize = 200;
/// The most characters of what is said of it.
pub const DESCRIPTION_CHARS: usize = 5000;
const DETAIL_CHARS: usize = 1000;
/// What programs may say of a product beside that: kept and given back.
pub const DETAILS: [&str; 24] = [
    "age_group",
    "brand",
    "category",
    "color",
    "condition",
    "custom_label_0",
    "custom_label_1",
    "custom_label_2",
    "custom_label_3",
    "custom_label_4",
    "delivery_category",
    "fb_product_category",
    "gender",
    "google_product_category",
    "gtin",
    "inventory",
    "item_group_id",
    "material",
    "mpn",
    "pattern",
    "product_type",
    "quantity_to_sell_on_facebook",
    "rich_text_description",
    "size",
];

/// Whether a product can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Availability {
    /// At once.
    #[default]
    InStock,
    /// Not now.
    OutOfStock,
    /// Later, and it can be ordered.
    Preorder,
    /// When it is made or bought.
    AvailableForOrder,
    /// Never again.
    Discontinued,
    /// Not yet.
    Pending,
    /// No more: it was one of its kind.
    MarkAsSold,
}

impl Availability {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::InStock, Self::OutOfStock, Self::Preorder, Self::AvailableForOrder, Self::Discontinued, Self::Pending, Self::MarkAsSold];

    /// As it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::InStock => "in stock",
            Self::OutOfStock => "out of stock",
            Self::Preorder => "preorder",
            Self::AvailableForOrder => "available for order",
            Self::Discontinued => "discontinued",
            Self::Pending => "pending",
            Self::MarkAsSold => "mark_as_sold",
        }
    }

    /// From a word, in any case, with spaces or underscores.
    pub fn of(word: &str) -> Option<Self> {
        let plain = |text: &str| text.trim().to_ascii_lowercase().replace('_', " ");
        Self::ALL.into_iter().find(|one| plain(one.word()) == plain(word))
    }

    /// Whether it can be ordered.
    pub const fn is_orderable(self) -> bool {
        matches!(self, Self::InStock | Self::Preorder | Self::AvailableForOrder)
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ObjectId,
    /// The catalogue it is in.
    pub catalog: ObjectId,
    /// Its place there: those that came later have higher ones.
    pub place: u64,
    /// Its id at its seller.
    pub retailer_id: String,
    /// What it is called.
    pub name: String,
    /// What is said of it.
    pub description: String,
    /// What it costs, in thousandths of the currency's unit.
    pub price_1000: i64,
    /// What it costs for a while; 0 when it is the same.
    pub sale_price_1000: i64,
    /// Of what.
    pub currency: Currency,
    /// Its page, "" without.
    pub url: String,
    /// Where its picture was fetched from; "" when it was uploaded, or there is none.
    pub image_url: String,
    /// The file of its picture.
    pub image: Option<ObjectId>,
    /// Whether it can be had.
    pub availability: Availability,
    /// Whether customers do not see it.
    pub hidden: bool,
    /// What programs say of it beside that: texts by name.
    pub details: Map<String, Value>,
}

impl Product {
    /// What it costs now, in thousandths of the unit.
    pub const fn costs(&self) -> i64 {
        if self.sale_price_1000 > 0 { self.sale_price_1000 } else { self.price_1000 }
    }

    /// Everything, for a selection of fields. `catalog` is the name of its catalogue, `image_url` where its picture is.
    pub fn node(&self, catalog: &str, image_url: &str) -> Value {
        let mut node = Value::Object(self.details.clone());
        let own = json!({
            "id": self.id,
            "retailer_id": self.retailer_id,
            "name": self.name,
            "description": self.description,
            "price": price::with_currency(self.price_1000, self.currency),
            "currency": self.currency.code(),
            "availability": self.availability.word(),
            "visibility": if self.hidden { "hidden" } else { "published" },
            "is_hidden": self.hidden,
            "product_catalog": {"id": self.catalog, "name": catalog},
        });
        if let (Some(node), Value::Object(own)) = (node.as_object_mut(), own) {
            node.extend(own);
        }
        if self.sale_price_1000 > 0 {
            // A number without the currency's code: programs read it as one.
            node["sale_price"] = price::plain(self.sale_price_1000, self.currency).into();
        }
        if !self.url.is_empty() {
            node["url"] = self.url.as_str().into();
        }
        if !image_url.is_empty() {
            node["image_url"] = image_url.into();
            node["images"] = json!([{ "url": image_url }]);
        }
        node
    }
}

/// A product's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Behind a link.
    Link(String),
    /// A file that was uploaded.
    Upload(ObjectId),
    /// None any more.
    None,
}

/// What changes of a product; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub name: Option<String>,
    /// What is said of it.
    pub description: Option<String>,
    /// What it costs.
    pub price: Option<Price>,
    /// What it costs for a while; nothing takes that back.
    pub sale_price: Option<Option<Price>>,
    /// Of what.
    pub currency: Option<Currency>,
    /// Its page; "" takes it away.
    pub url: Option<String>,
    /// Its picture.
    pub picture: Option<Picture>,
    /// Whether it can be had.
    pub availability: Option<Availability>,
    /// Whether customers do not see it.
    pub hidden: Option<bool>,
    /// What else is said of it; null takes it away.
    pub details: Map<String, Value>,
}

impl Change {
    /// Does it, but for the picture, which has to be fetched.
    ///
    /// # Errors
    /// 100 when the prices do not fit: a lower price that is higher, or a currency that changes without its price.
    pub fn apply(&self, product: &mut Product) -> Result<(), ApiError> {
        let currency = self.currency.unwrap_or(product.currency);
        if currency != product.currency && self.price.is_none() {
            let text = "currency changes only together with price: what the product costs would be another amount of money";
            return Err(ApiError::invalid_parameter(text));
        }
        if currency != product.currency && self.sale_price.is_none() {
            product.sale_price_1000 = 0;
        }
        product.currency = currency;
        if let Some(price) = self.price {
            product.price_1000 = price.thousandths(currency);
        }
        if let Some(sale) = self.sale_price {
            product.sale_price_1000 = sale.map_or(0, |price| price.thousandths(currency));
        }
        if product.sale_price_1000 > product.price_1000 {
            return Err(ApiError::invalid_parameter("sale_price is higher than price: it is what the product costs for a while, and lower"));
        }
        let set = |into: &mut String, from: &Option<String>| from.iter().for_each(|text| into.clone_from(text));
        set(&mut product.name, &self.name);
        set(&mut product.description, &self.description);
        set(&mut product.url, &self.url);
        product.availability = self.availability.unwrap_or(product.availability);
        product.hidden = self.hidden.unwrap_or(product.hidden);
        for (name, value) in &self.details {
            if value.is_null() { drop(product.details.remove(name)) } else { drop(product.details.insert(name.clone(), value.clone())) }
        }
        Ok(())
    }

    /// Its words, for who looks for what may not be sold.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let details = self.details.values().filter_map(Value::as_str);
        self.name.iter().chain(&self.description).map(String::as_str).chain(details)
    }
}

/// `POST /CATALOG/products`: a product to be made, by its id at its seller.
///
/// # Errors
/// 100 when something that it needs is missing or wrong.
pub fn create(params: &Params) -> Result<(String, Change), ApiError> {
    let root = params.root();
    let retailer = retailer_id(&root, "retailer_id")?;
    let change = read(&root)?;
    whole(&change)?;
    Ok((retailer, change))
}

/// `POST /PRODUCT`: what changes of it.
///
/// # Errors
/// 100 when something is wrong, or nothing changes.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let change = read(&params.root())?;
    if change == Change::default() {
        return Err(ApiError::invalid_parameter("nothing changes: name, description, price, currency, availability, url or image_url is needed"));
    }
    Ok(change)
}

/// What is said of a product, be it nothing.
///
/// # Errors
/// 100 when something is wrong.
pub fn said(params: &Params) -> Result<Change, ApiError> {
    read(&params.root())
}

/// The id at its seller that a new product gets.
///
/// # Errors
/// 100 when it is missing, more than 100 characters or more than one line.
pub fn named(params: &Params) -> Result<String, ApiError> {
    retailer_id(&params.root(), "retailer_id")
}

/// A new product has a name, a price and its currency.
///
/// # Errors
/// 100 with what is missing.
pub fn whole(change: &Change) -> Result<(), ApiError> {
    let missing = [("name", change.name.is_none()), ("price", change.price.is_none()), ("currency", change.currency.is_none())];
    match missing.into_iter().find(|(_, is_missing)| *is_missing) {
        Some((name, _)) => Err(ApiError::invalid_parameter(format!("{name} is required"))),
        None => Ok(()),
    }
}

/// A product's id at its seller.
pub(super) fn retailer_id(given: &Object<'_>, name: &str) -> Result<String, ApiError> {
    let id = required(given, name, RETAILER_CHARS)?;
    if id.chars().any(char::is_control) {
        return Err(ApiError::invalid_parameter(format!("{} is one line", given.path(name))));
    }
    Ok(id)
}

/// Reads what is said of a product, under the names of `/CATALOG/products` and of `items_batch`.
pub(super) fn read(given: &Object<'_>) -> Result<Change, ApiError> {
    let mut change = Change {
        name: called(given)?,
        description: bounded(given, "description", DESCRIPTION_CHARS)?,
        url: address(given, &["url", "link"])?,
        picture: picture(given)?,
        hidden: hidden(given)?,
        details: details(given)?,
        ..Change::default()
    };
    if let Some(code) = given.text("currency")?.filter(|code| !code.is_empty()) {
        let currency = Currency::from_str(&code.to_ascii_uppercase());
        change.currency = Some(currency.map_err(|error| ApiError::invalid_parameter(format!("{}: {error}", given.path("currency"))))?);
    }
    if let Some(value) = given.json("price") {
        let said = price::read(&given.path("price"), &value)?;
        change.price = Some(said.price);
        change.currency = said.currency.or(change.currency);
    }
    if let Some(value) = given.json("sale_price") {
        let none = value.as_str().is_some_and(|text| text.trim().is_empty()) || value.as_f64() == Some(0.0);
        let said = if none { None } else { Some(price::read(&given.path("sale_price"), &value)?) };
        if let Some(currency) = said.and_then(|said| said.currency)
            && *change.currency.get_or_insert(currency) != currency
        {
            return Err(ApiError::invalid_parameter(format!("{} and price are of different currencies", given.path("sale_price"))));
        }
        change.sale_price = Some(said.map(|said| said.price));
    }
    if let Some(word) = given.text("availability")?.filter(|word| !word.is_empty()) {
        let words = || Availability::ALL.map(Availability::word).join(", ");
        let wrong = || ApiError::invalid_parameter(format!("{} is one of {}", given.path("availability"), words()));
        change.availability = Some(Availability::of(word).ok_or_else(wrong)?);
    }
    Ok(change)
}

fn called(given: &Object<'_>) -> Result<Option<String>, ApiError> {
    let name = if given.has("name") { "name" } else { "title" };
    match bounded(given, name, NAME_CHARS)? {
        Some(text) if text.is_empty() => Err(ApiError::invalid_parameter(format!("{} is empty: a product has a name", given.path(name)))),
        text => Ok(text),
    }
}

/// The first of these that is there: a web address, or "".
fn address(given: &Object<'_>, names: &[&str]) -> Result<Option<String>, ApiError> {
    let Some(name) = names.iter().find(|name| given.has(name)) else { return Ok(None) };
    let text = bounded(given, name, limits::ADDRESS_BYTES)?.unwrap_or_default();
    if text.is_empty() || (text.len() <= limits::ADDRESS_BYTES && crate::messages::file::web_address(&text).is_some()) {
        return Ok(Some(text));
    }
    let (path, most) = (given.path(name), limits::ADDRESS_BYTES);
    Err(ApiError::invalid_parameter(format!("{path} is an http or https address of at most {most} bytes")))
}

fn picture(given: &Object<'_>) -> Result<Option<Picture>, ApiError> {
    if let Some(link) = address(given, &["image_url", "image_link"])? {
        return Ok(Some(if link.is_empty() { Picture::None } else { Picture::Link(link) }));
    }
    // The first of several is the picture; some programs write objects, some texts.
    match given.json("images").or_else(|| given.json("image")) {
        Some(Value::Array(images)) => {
            let link = images.first().and_then(|first| first.as_str().or_else(|| first["url"].as_str())).unwrap_or_default();
            if link.is_empty() {
                return Ok(Some(Picture::None));
            }
            let wrong = || ApiError::invalid_parameter(format!("{} is a list of http or https addresses", given.path("images")));
            let link = Some(link).filter(|link| link.len() <= limits::ADDRESS_BYTES && crate::messages::file::web_address(link).is_some());
            link.map(|link| Some(Picture::Link(link.to_owned()))).ok_or_else(wrong)
        }
        _ => Ok(None),
    }
}

fn hidden(given: &Object<'_>) -> Result<Option<bool>, ApiError> {
    let said = given.boolean("is_hidden")?;
    match given.text("visibility")?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Ok(said),
        Some("published" | "visible") => Ok(Some(false)),
        Some("hidden" | "staging") => Ok(Some(true)),
        Some(_) => Err(ApiError::invalid_parameter(format!("{} is published or hidden", given.path("visibility")))),
    }
}

fn details(given: &Object<'_>) -> Result<Map<String, Value>, ApiError> {
    let mut details = Map::new();
    for name in DETAILS {
        let most = if name == "rich_text_description" { DESCRIPTION_CHARS } else { DETAIL_CHARS };
        if let Some(text) = bounded(given, name, most)? {
            details.insert(name.into(), if text.is_empty() { Value::Null } else { text.into() });
        }
    }
    Ok(details)
}

/// How a product is called by its id at its seller where an id stands: `catalog:CATALOG:ID in base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// The catalogue.
    pub catalog: ObjectId,
    /// The product's id at its seller.
    pub retailer_id: String,
}

impl Symbol {
    /// Reads it; colons and equals signs may be encoded, and the equals signs at the end may be missing. None when it is something else.
    pub fn read(segment: &str) -> Option<Self> {
        let plain = segment.replace("%3A", ":").replace("%3a", ":").replace("%3D", "=").replace("%3d", "=");
        let (catalog, encoded) = plain.strip_prefix("catalog:")?.split_once(':')?;
        let padded = format!("{encoded}{}", "=".repeat((4 - encoded.len() % 4) % 4));
        let retailer_id = String::from_utf8(URL_SAFE.decode(padded.as_bytes()).ok()?).ok()?;
        let within = (1..=RETAILER_CHARS).contains(&retailer_id.chars().count());
        within.then_some(Self { catalog: catalog.parse().ok()?, retailer_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        params
    }

    fn product() -> Product {
        Product {
            id: "7".parse().expect("an id"),
            catalog: "9".parse().expect("an id"),
            place: 1,
            retailer_id: "ube".into(),
            name: "Ube".into(),
            description: String::new(),
            price_1000: 120_000,
            sale_price_1000: 0,
            currency: "PHP".parse().expect("a currency"),
            url: String::new(),
            image_url: String::new(),
            image: None,
            availability: Availability::InStock,
            hidden: false,
            details: Map::new(),
        }
    }

    #[test]
    fn a_new_product_is_read_as_programs_write_it() {
        let asked = json!({"retailer_id": "ube-1", "name": "Ube", "price": "120.00 PHP", "currency": "PHP", "sale_price": 99.5, "color": "purple",
            "availability": "IN STOCK", "images": [{"url": "https://kape.example/ube.jpg"}], "is_hidden": false, "description": null, "gtin": 7});
        let (retailer, change) = create(&params(&asked)).expect("a product");
        let mut made = product();
        change.apply(&mut made).expect("it fits");
        assert_eq!((retailer.as_str(), made.price_1000, made.sale_price_1000, made.costs()), ("ube-1", 120_000, 99_500, 99_500));
        assert_eq!(change.picture, Some(Picture::Link("https://kape.example/ube.jpg".into())));
        let node = made.node("Menu", "https://kape.example/ube.jpg");
        assert_eq!(
            (&node["price"], &node["sale_price"], &node["color"], &node["gtin"]),
            (&json!("120.00 PHP"), &json!("99.50"), &json!("purple"), &json!("7"))
        );
        assert_eq!((&node["availability"], &node["product_catalog"]), (&json!("in stock"), &json!({"id": "9", "name": "Menu"})));
    }

    #[test]
    fn a_change_leaves_the_rest() {
        let change = change(&params(&json!({"name": null, "price": 9900, "visibility": "hidden", "sale_price": "", "color": ""}))).expect("a change");
        let mut changed = Product { sale_price_1000: 50_000, details: json!({"color": "red"}).as_object().cloned().unwrap_or_default(), ..product() };
        change.apply(&mut changed).expect("it fits");
        assert_eq!((changed.name.as_str(), changed.price_1000, changed.sale_price_1000, changed.hidden), ("Ube", 99_000, 0, true));
        assert!(changed.details.is_empty());
    }

    #[test]
    fn what_is_wrong_is_refused() {
        let long = "x".repeat(NAME_CHARS + 1);
        for (asked, says) in [
            (json!({"name": "A", "price": 1, "currency": "PHP"}), "retailer_id is required"),
            (json!({"retailer_id": "a", "price": 1, "currency": "PHP"}), "name is required"),
            (json!({"retailer_id": "a", "name": "A", "currency": "PHP"}), "price is required"),
            (json!({"retailer_id": "a", "name": "A", "price": 1}), "currency is required"),
            (json!({"retailer_id": "a", "name": "A", "price": 1, "currency": "pesos"}), "ISO 4217"),
            (json!({"retailer_id": "a", "name": long, "price": 1, "currency": "PHP"}), "at most 200"),
            (json!({"retailer_id": "a", "name": "A", "price": -1, "currency": "PHP"}), "must be a price"),
            (json!({"retailer_id": "a", "name": "A", "price": 1, "currency": "PHP", "availability": "soon"}), "in stock, out of stock"),
            (json!({"retailer_id": "a", "name": "A", "price": 1, "currency": "PHP", "url": "javascript:alert(1)"}), "http or https"),
            (json!({"retailer_id": "a", "name": "A", "price": 1, "currency": "PHP", "image_url": "ftp://a/b"}), "http or https"),
            (json!({"retailer_id": "a", "name": "A", "price": "1 PHP", "sale_price": "1 USD"}), "different currencies"),
        ] {
            let error = create(&params(&asked)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(change(&params(&json!({}))).is_err());
        for (asked, says) in [
            (json!({"sale_price": 200.0}), "higher than price"),
            (json!({"currency": "USD"}), "together with price"),
            (json!({"sale_price": "99.00 USD"}), "together with price"),
        ] {
            let error = change(&params(&asked)).expect("it is read").apply(&mut product()).expect_err(says);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }

    #[test]
    fn a_symbol_names_a_product_by_its_seller() {
        let ube = Symbol { catalog: "9".parse().expect("an id"), retailer_id: "ube-1".into() };
        for segment in ["catalog:9:dWJlLTE=", "catalog:9:dWJlLTE", "catalog%3A9%3AdWJlLTE%3D"] {
            assert_eq!(Symbol::read(segment), Some(ube.clone()), "{segment}");
        }
        for segment in ["catalog:9", "catalog:x:dWJlLTE=", "catalog:9:", "catalog:9:!!", "9:dWJlLTE=", "upload:x"] {
            assert_eq!(Symbol::read(segment), None, "{segment}");
        }
    }
}
