// What is said to the network before a device can log in, as crates/protocol/src/http.rs has it. Bytes are standard base64.
type LinkCard = { business: string; name: string; about: string; trust: "plain" | "checked" | "confirmed"; labels: string[];
                  verification_pending: boolean; hosted_by: string; slug: string; network_key: string; phone_registration: boolean };
type Registered = { account: string; device: string; certificate: string; network_key: string; phone?: string };
type NewGuest = { slug: string; signature_key: string; device_name?: string };
type NewPhone = { phone: string; code: string; signature_key: string; device_name?: string };
type NewDevice = { code: string; signature_key: string; device_name?: string };
type NewBusiness = { enrolment: string; name: string; about?: string; slug: string; hosted_by: string; signature_key: string; terms_version?: integer;
                     test_phone?: string | null };
type Text = { title: string; url: string; text: string };
type Terms = { version: number; in_force_at: number; terms: Text; privacy: Text };
