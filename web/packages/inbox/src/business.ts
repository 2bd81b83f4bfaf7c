/** What the inbox API tells of the business itself: trust and standing, as docs/INBOX-API.md describes it. */
import type { Trust as Level } from "./types.ts";

export type Subject = "name" | "number" | "verification";

export type Document = { id: number; name: string; media_type: string; bytes: number; complete: boolean };

export type Stage = {
  subject: Subject;
  asked: string;
  state: "open" | "waiting" | "approved" | "refused" | "withdrawn" | "appealed" | "final";
  since: number | null;
  /** By what it is decided, and what is still missing. */
  criteria: string[];
  needed: string[];
  expected_at: number | null;
  reason: string;
  code: string;
  appeal_until: number | null;
  again_at: number | null;
};

export type TrustStatus = {
  name: string;
  name_passed: boolean;
  level: Level;
  shown: {
    mark: "grey_question" | "grey_tick" | "green_tick";
    title: string;
    labels: ("shop" | "verified" | "official")[];
    verification_pending: boolean;
  };
  phone: string | null;
  phone_proven_at: number | null;
  terms: { accepted: number; in_force: number; due: number | null };
  stages: Stage[];
  documents: Document[];
};

export type LegalText = { title: string; url: string; text: string };
export type Terms = {
  current: { version: number; in_force_at: number; terms: LegalText; privacy: LegalText };
  accepted_version: number;
  accepted_at: number | null;
  due: number | null;
};

export type NameCheck = { name: string; breaches: { rule: string; message: string }[]; reviewed: boolean };

export type Verification = {
  level: "checked" | "confirmed";
  entity: string;
  legal_name: string;
  registration_number?: string;
  country: string;
  address?: string;
  website?: string;
  email?: string;
  official_phone: string;
  documents?: number[];
};

export type Announcement = {
  id: number;
  at: number;
  from: string;
  level: Level;
  labels: string[];
  title: string;
  body: string;
};

export type StandingNow = {
  /** Customers written to first in `period_millis`; null: no limit. */
  limit: number | null;
  quality: "unknown" | "green" | "yellow" | "red";
  high_throughput: boolean;
  restriction: { kind: "outreach" | "messages"; until: number } | null;
  /** `until` null: for ever. */
  ban: { until: number | null; cause: string } | null;
};

export type StandingEntry = {
  id: number;
  at: number;
  kind: string;
  cause: string;
  from: string;
  to: string;
  until: number | null;
  /** A sentence for people. */
  reason: string;
  lifted_at: number | null;
  appeal_until: number | null;
  appeal: "none" | "open" | "granted" | "refused";
};

export type Standing = {
  now: StandingNow;
  limit_since: number;
  used: number;
  period_millis: number;
  figures: {
    points: number;
    yellow_points: number;
    red_points: number;
    delivered: number;
    minimum_sample: number;
    read: number;
    blocked: number;
    reported: number;
    within_millis: number;
  };
  next: {
    limit: number | null;
    by_verification: boolean;
    customers: number;
    have: number;
    within_millis: number;
    quality: string;
  } | null;
  history: StandingEntry[];
};
