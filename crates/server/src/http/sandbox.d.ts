// The sandbox's API, as docs/SANDBOX.md describes it. Times are milliseconds since 1970 on the sandbox's clock.
type State = { now: number; ahead_millis: number; customers: number };
type Auto = { deliver?: boolean; read?: boolean; press?: boolean; replies?: string[] };
type Behaviour = { auto?: Auto; delay_millis?: number; language?: string };
type Customer = { phone: string; name: string; conversation: string; behaviour: Behaviour };
type Customers = { data: Customer[]; total: number };
// What stands in a conversation, as the customer's device shows it.
type Line = { id: string; from: string; type: string; text: string; choices?: string[]; reaction?: string; at: number; status?: string };
type NewCustomers = { count?: integer; slug: string; name?: string; say?: string[]; behaviour?: Behaviour };
// Words, or a message of any type as webhooks tell of it.
type Spoken = { text: string } | { type: string };
type Pointed = { message?: string | null; choice?: integer };
type Wishes = { choice?: "default" | "all" | "important" | "none" | null; stopped?: boolean | null; blocked?: boolean | null; saved?: boolean | null;
                consent?: string | null; username?: string | null };
type Report = { reason: string; messages?: integer; block?: boolean };
type Relation = { business: string; choice: string; global_choice: string; blocked_at: number | null; stopped_at: number | null; saved: boolean;
                  consent_at: number | null; consent_until: number | null; wrote_at: number | null; opened_at: number | null;
                  opened_by_business: boolean; why: unknown[]; events: object[] };
