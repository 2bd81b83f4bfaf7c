/** Shapes of the calls between a person and businesses (`suki_protocol::calls::{relation, consent, report, directory}`). */

/** Which of a business's messages a person wants; `default`: as he chose for all. */
export type Choice = "default" | "all" | "important" | "none";

/** Why a business may write to a person. */
export type Why = "you_wrote" | "you_agreed" | "business_says_you_agreed";

/** Why a person reports. */
export type ReportReason = "spam" | "abuse" | "goods" | "other";

/** An event of the ledger of consent. Times are milliseconds since 1970. */
export interface LedgerEvent {
  at: number;
  by: "customer" | "business";
  what: string;
  choice?: Choice;
  given_at?: number;
  how?: string;
  form?: string;
  wording?: string;
  evidence?: string;
  replaced_at?: number;
}

/** What holds between a person and a business. */
export interface Relation {
  business: string;
  choice: Choice;
  global_choice: Choice;
  blocked_at: number | null;
  stopped_at: number | null;
  saved: boolean;
  consent_at: number | null;
  consent_until: number | null;
  wrote_at: number | null;
  opened_at: number | null;
  opened_by_business: boolean;
  why: Why[];
  events: LedgerEvent[];
}

/** What is to be changed; what is not named stays. */
export interface RelationChange {
  choice?: Choice;
  stopped?: boolean;
  blocked?: boolean;
  saved?: boolean;
}

/** What a person wants of all businesses, and his language. */
export interface PersonSettings {
  global_choice: Exclude<Choice, "default">;
  language: string;
}

/** The words that stop and resume, folded. */
export interface Words {
  stop: string[];
  resume: string[];
}

/** A business that was found by name. */
export interface FoundBusiness {
  business: string;
  title: string;
  about: string;
  level: "plain" | "checked" | "confirmed";
  labels: string[];
  slug: string;
}
