//! What a flow says of itself: `GET /FLOW`, `GET /W/flows` (section 3a).
use super::{Category, Status, check::problem::Problem};
use crate::{ObjectId, account::graph_time};
use serde_json::{Value, json};
use suki_types::Timestamp;

/// The fields of a flow without `fields`.
pub const DEFAULT: [&str; 5] = ["id", "name", "status", "categories", "validation_errors"];

/// What there is to know of a flow.
pub struct Flow<'a> {
    /// Its id.
    pub id: ObjectId,
    /// What it is called.
    pub name: &'a str,
    /// Where it stands.
    pub status: Status,
    /// What it is for.
    pub categories: &'a [Category],
    /// What is wrong with its file.
    pub problems: &'a [Problem],
    /// The version of its file; "" while it has none.
    pub json_version: &'a str,
    /// The version in which it speaks with its server; "" without one.
    pub data_api_version: &'a str,
    /// Where its server is; "" without one.
    pub endpoint: &'a str,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Flow<'_> {
    /// Everything that it knows by itself, for a selection of fields; what it has not is absent.
    pub fn node(&self) -> Value {
        let categories: Vec<&str> = self.categories.iter().map(|one| one.word()).collect();
        let mut node = json!({
            "id": self.id,
            "name": self.name,
            "status": self.status.word(),
            "categories": categories,
            "validation_errors": problems(self.problems),
            "updated_at": graph_time(self.updated_at),
        });
        for (names, value) in [
            (&["json_version"][..], self.json_version),
            (&["data_api_version"], self.data_api_version),
            (&["endpoint_uri", "data_channel_uri"], self.endpoint),
        ] {
            for name in names.iter().filter(|_| !value.is_empty()) {
                node[*name] = value.into();
            }
        }
        node
    }
}

/// `validation_errors`.
pub fn problems(problems: &[Problem]) -> Value {
    problems.iter().map(Problem::told).collect()
}

/// `preview`: where its screens can be seen, and until when.
pub fn preview(url: &str, expires_at: Timestamp) -> Value {
    json!({"preview_url": url, "expires_at": graph_time(expires_at)})
}

/// `health_status`: whether it can be sent, and what the number's health says.
pub fn health(id: ObjectId, status: Status, has_problems: bool, number: &Value) -> Value {
    let (own, why) = match status {
        _ if has_problems => ("BLOCKED", Some("Its file has mistakes: validation_errors names them")),
        Status::Draft => ("LIMITED", Some("It is a draft, which goes to testers alone: publish it")),
        Status::Published => ("AVAILABLE", None),
        Status::Throttled => ("LIMITED", Some("Its server fails often: mend it, and it goes to everybody again")),
        Status::Blocked => ("BLOCKED", Some("Its server fails too often: mend it, and it goes out again")),
        Status::Deprecated => ("BLOCKED", Some("It was deprecated: send another one")),
    };
    let mut entity = json!({"entity_type": "FLOW", "id": id, "can_send_message": own});
    if let Some(why) = why {
        entity["additional_info"] = json!([why]);
    }
    let mut entities = vec![entity];
    entities.extend(number["entities"].as_array().into_iter().flatten().cloned());
    let worst = ["BLOCKED", "LIMITED", "AVAILABLE"].into_iter().find(|word| entities.iter().any(|one| one["can_send_message"] == *word));
    json!({"can_send_message": worst.unwrap_or("AVAILABLE"), "entities": entities})
}

/// `GET /FLOW/assets`.
pub fn assets(download_url: Option<&str>) -> Value {
    let Some(url) = download_url else { return json!({"data": []}) };
    json!({
        "data": [{"name": "flow.json", "asset_type": "FLOW_JSON", "download_url": url}],
        "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(endpoint: &str) -> Value {
        let id = "7".parse().expect("an id");
        let at = Timestamp::from_millis(0);
        Flow {
            id,
            name: "Cake",
            status: Status::Draft,
            categories: &[Category::Other],
            problems: &[],
            json_version: "7.1",
            data_api_version: "",
            endpoint,
            updated_at: at,
        }
        .node()
    }

    #[test]
    fn a_flow_says_what_it_has() {
        let node = flow("");
        assert_eq!((&node["status"], &node["categories"], &node["json_version"]), (&json!("DRAFT"), &json!(["OTHER"]), &json!("7.1")));
        assert_eq!((node.get("endpoint_uri"), node.get("data_api_version")), (None, None));
        assert_eq!(node["updated_at"], "1970-01-01T00:00:00+0000");
        assert_eq!(flow("https://a.example")["endpoint_uri"], "https://a.example");
    }

    #[test]
    fn its_health_is_the_worst_of_all() {
        let id = "7".parse().expect("an id");
        let number = json!({"can_send_message": "LIMITED", "entities": [{"entity_type": "WABA", "id": "8", "can_send_message": "LIMITED"}]});
        let health = |status, has_problems| health(id, status, has_problems, &number);
        assert_eq!(health(Status::Published, false)["can_send_message"], "LIMITED");
        assert_eq!(health(Status::Published, false)["entities"][0]["can_send_message"], "AVAILABLE");
        assert_eq!(health(Status::Draft, true)["can_send_message"], "BLOCKED");
        assert_eq!(health(Status::Deprecated, false)["entities"].as_array().map(Vec::len), Some(2));
    }
}
