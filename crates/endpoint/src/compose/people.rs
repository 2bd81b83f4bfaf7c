//! People that a message introduces.
use suki_cloud_api::messages::{Address, Entry, Person, PersonPhone};
use suki_protocol::pb;

pub(super) fn card(person: Person) -> pb::ContactCard {
    pb::ContactCard {
        formatted_name: person.formatted_name,
        first_name: person.first_name,
        last_name: person.last_name,
        middle_name: person.middle_name,
        suffix: person.suffix,
        prefix: person.prefix,
        birthday: person.birthday,
        phones: person.phones.into_iter().map(phone).collect(),
        emails: person.emails.into_iter().map(entry).collect(),
        urls: person.urls.into_iter().map(entry).collect(),
        addresses: person.addresses.into_iter().map(address).collect(),
        company: person.company,
        department: person.department,
        title: person.title,
    }
}

fn phone(given: PersonPhone) -> pb::ContactPhone {
    pb::ContactPhone { phone: given.phone, r#type: given.kind, wa_id: given.wa_id }
}

fn entry(given: Entry) -> pb::ContactEntry {
    pb::ContactEntry { value: given.value, r#type: given.kind }
}

fn address(given: Address) -> pb::ContactAddress {
    pb::ContactAddress {
        street: given.street,
        city: given.city,
        state: given.state,
        zip: given.zip,
        country: given.country,
        country_code: given.country_code,
        r#type: given.kind,
    }
}
