//! `filter` of `GET /CATALOG/products`: `{"retailer_id": {"is_any": ["a", "b"]}}`, with `and` and `or` around several.
use crate::{ApiError, Params};
use serde_json::{Map, Value};

/// The fields that conditions may be about.
const FIELDS: [&str; 8] = ["id", "retailer_id", "name", "description", "brand", "category", "availability", "visibility"];
/// How deep conditions may nest, and how many there may be.
const DEPTH: usize = 4;
const CONDITIONS: usize = 50;
/// How many values one condition may name.
const VALUES: usize = 500;

/// Which products a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Filter>),
    /// One of these holds.
    Or(Vec<Filter>),
    /// A field's value.
    Field {
        /// Which field.
        name: String,
        /// How it is compared.
        comparison: Comparison,
        /// Whether it is to be otherwise.
        negated: bool,
        /// Whether upper and lower case are the same.
        folded: bool,
        /// With what: one holds.
        values: Vec<String>,
    },
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// They are the same.
    Equal,
    /// The one has the other in it.
    Contains,
    /// The one begins with the other.
    Begins,
}

impl Filter {
    /// The filter of a request, if it has one.
    ///
    /// # Errors
    /// 100 when it is not understood.
    pub fn read(params: &Params) -> Result<Option<Self>, ApiError> {
        match params.root().json("filter") {
            None => Ok(None),
            Some(Value::Object(object)) => node(&object, 0, &mut 0).map(Some),
            Some(_) => Err(wrong("it is an object")),
        }
    }

    /// Whether it holds for a product's node.
    pub fn holds(&self, product: &Value) -> bool {
        match self {
            Self::And(all) => all.iter().all(|one| one.holds(product)),
            Self::Or(some) => some.iter().any(|one| one.holds(product)),
            Self::Field { name, comparison, negated, folded, values } => {
                let value = match &product[name.as_str()] {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                let fold = |text: &str| if *folded { text.to_lowercase() } else { text.to_owned() };
                let value = fold(&value);
                let fits = |wanted: &String| match comparison {
                    Comparison::Equal => value == fold(wanted),
                    Comparison::Contains => value.contains(&fold(wanted)),
                    Comparison::Begins => value.starts_with(&fold(wanted)),
                };
                values.iter().any(fits) != *negated
            }
        }
    }
}

fn wrong(why: &str) -> ApiError {
    ApiError::invalid_parameter(format!("filter cannot be read: {why}; it is written like {{\"retailer_id\": {{\"is_any\": [\"a\", \"b\"]}}}}"))
}

fn node(object: &Map<String, Value>, depth: usize, count: &mut usize) -> Result<Filter, ApiError> {
    if depth > DEPTH {
        return Err(wrong("it nests too deep"));
    }
    let mut all = Vec::new();
    for (name, value) in object {
        *count += 1;
        if *count > CONDITIONS {
            return Err(wrong(&format!("it has more than {CONDITIONS} conditions")));
        }
        match (name.as_str(), value) {
            ("and" | "or", Value::Array(items)) => {
                let items = items.iter().map(|item| match item {
                    Value::Object(item) => node(item, depth + 1, count),
                    _ => Err(wrong("and, or hold objects")),
                });
                let items: Vec<Filter> = items.collect::<Result<_, _>>()?;
                all.push(if name == "and" { Filter::And(items) } else { Filter::Or(items) });
            }
            (field, Value::Object(conditions)) if FIELDS.contains(&field) => {
                for (operator, value) in conditions {
                    all.push(condition(field, operator, value)?);
                }
            }
            _ => return Err(wrong(&format!("conditions are about {}", FIELDS.join(", ")))),
        }
    }
    Ok(Filter::And(all))
}

fn condition(field: &str, operator: &str, value: &Value) -> Result<Filter, ApiError> {
    let (folded, plain) = operator.strip_prefix("i_").map_or((false, operator), |plain| (true, plain));
    let (comparison, negated) = match plain {
        "eq" | "is_any" => (Comparison::Equal, false),
        "neq" | "is_not_any" => (Comparison::Equal, true),
        "contains" | "contains_any" => (Comparison::Contains, false),
        "not_contains" => (Comparison::Contains, true),
        "starts_with" | "starts_with_any" => (Comparison::Begins, false),
        "not_starts_with" => (Comparison::Begins, true),
        _ => return Err(wrong("operators are eq, neq, is_any, is_not_any, contains, not_contains, starts_with, with i_ before for any case")),
    };
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(wrong("values are texts")),
    };
    let values = match value {
        Value::Array(values) if values.len() > VALUES => return Err(wrong(&format!("a condition has more than {VALUES} values"))),
        Value::Array(values) => values.iter().map(text).collect::<Result<_, _>>()?,
        value => vec![text(value)?],
    };
    Ok(Filter::Field { name: field.to_owned(), comparison, negated, folded, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(filter: &str) -> Result<Option<Filter>, ApiError> {
        let mut params = Params::default();
        params.merge_pairs([("filter", filter)]).expect("one pair");
        Filter::read(&params)
    }

    #[test]
    fn conditions_hold_or_do_not() {
        let ube = json!({"retailer_id": "ube-1", "name": "Ube Cake", "availability": "in stock"});
        for (filter, holds) in [
            (r#"{"retailer_id": {"eq": "ube-1"}}"#, true),
            (r#"{"retailer_id": {"is_any": ["a", "ube-1"]}}"#, true),
            (r#"{"retailer_id": {"neq": "ube-1"}}"#, false),
            (r#"{"name": {"i_contains": "cake"}}"#, true),
            (r#"{"name": {"contains": "cake"}}"#, false),
            (r#"{"name": {"starts_with": "Ube"}, "availability": {"eq": "out of stock"}}"#, false),
            (r#"{"or": [{"name": {"eq": "x"}}, {"availability": {"eq": "in stock"}}]}"#, true),
            (r#"{"and": [{"brand": {"is_not_any": ["x"]}}]}"#, true),
            ("{}", true),
        ] {
            let read = read(filter).expect(filter).expect("there is one");
            assert_eq!(read.holds(&ube), holds, "{filter}");
        }
        assert_eq!(Filter::read(&Params::default()), Ok(None));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let deep = format!("{}{{}}{}", r#"{"and":["#.repeat(DEPTH + 2), "]}".repeat(DEPTH + 2));
        for filter in ["[1]", "all", r#"{"colour": {"eq": 1}}"#, r#"{"name": {"like": "x"}}"#, r#"{"name": "x"}"#, r#"{"name": {"eq": {}}}"#, &deep] {
            assert_eq!(read(filter).expect_err(filter).code.number(), 100);
        }
    }
}
