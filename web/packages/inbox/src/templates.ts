/** Templates of the inbox API, as docs/INBOX-API.md describes them; `components` as the Cloud API has them. */

export type TemplateComponent = {
  type: "HEADER" | "BODY" | "FOOTER" | "BUTTONS" | "CAROUSEL" | "LIMITED_TIME_OFFER";
  format?: string;
  text?: string;
  example?: Record<string, unknown>;
  buttons?: { type: string; text?: string; url?: string }[];
};

export type Template = {
  id: string;
  name: string;
  language: string;
  category: string;
  status: string;
  parameter_format: "NAMED" | "POSITIONAL";
  components: TemplateComponent[];
  /** Why it was rejected, paused or disabled, in a sentence. */
  explanation?: string;
};

/** What fills a template, as the Cloud API takes it. */
export type Filling = {
  type: "header" | "body" | "button";
  sub_type?: string;
  index?: number;
  parameters: Record<string, unknown>[];
};

export type Preview = { text: string; characters: { body: number; text: number } };
