/** A part of a screen, as Flow JSON has it: what is not known here is told as such. */
export interface Part {
  type: string;
  [name: string]: unknown;
}

export interface Screen {
  id: string;
  title: string;
  terminal: boolean;
  parts: Part[];
}

export interface Action {
  name: string;
  next: string;
  payload: Record<string, unknown>;
  url: string;
}

export interface Option {
  id: string;
  title: string;
  description: string;
}

/** The definition is not what a flow is. */
export class FlowError extends Error {
  override readonly name = "FlowError";
}

const MOST_SCREENS = 50;
const MOST_PARTS = 100;

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const words = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

function parts(children: unknown): Part[] {
  if (!Array.isArray(children)) return [];
  return children.slice(0, MOST_PARTS).flatMap((one): Part[] => {
    if (!isObject(one) || typeof one.type !== "string") return [];
    // A form only groups: what is in it counts for itself.
    return one.type === "Form" ? parts(one.children) : [{ ...one, type: one.type }];
  });
}

/** Reads a flow's JSON. Fails with `FlowError`. */
export function readFlow(json: string): Screen[] {
  let flow: unknown;
  try {
    flow = JSON.parse(json);
  } catch (cause) {
    throw new FlowError("the flow is no JSON", { cause });
  }
  const screens = isObject(flow) && Array.isArray(flow.screens) ? flow.screens : [];
  const read = screens.slice(0, MOST_SCREENS).flatMap((one): Screen[] => {
    if (!isObject(one) || typeof one.id !== "string") return [];
    const layout = isObject(one.layout) ? one.layout : {};
    return [{ id: one.id, title: words(one.title), terminal: one.terminal === true, parts: parts(layout.children) }];
  });
  if (read.length === 0) throw new FlowError("the flow has no screens");
  return read;
}

/** What a button or a link of a screen does. */
export function actionOf(value: unknown): Action | null {
  if (!isObject(value) || typeof value.name !== "string") return null;
  const next = isObject(value.next) ? words(value.next.name) : "";
  return { name: value.name, next, payload: isObject(value.payload) ? value.payload : {}, url: words(value.url) };
}

/** What there is to choose from. */
export function optionsOf(value: unknown): Option[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 200).flatMap((one): Option[] => {
    if (!isObject(one) || one.enabled === false) return [];
    return [{ id: words(one.id), title: words(one.title), description: words(one.description) }];
  });
}

const WHOLE = /^\$\{(data|form)\.([A-Za-z0-9_.-]+)\}$/;
const INSIDE = /\$\{(data|form)\.([A-Za-z0-9_.-]+)\}/g;

/** Puts in what a value refers to: `${data.x}` what the screen was given, `${form.x}` what was filled in. */
export function filled(
  value: unknown,
  from: { data: Record<string, unknown>; form: Record<string, unknown> },
): unknown {
  if (typeof value === "string") {
    const whole = WHOLE.exec(value);
    if (whole) return at(from, whole[1] ?? "", whole[2] ?? "");
    return value.replace(INSIDE, (_, where: string, path: string) => words(at(from, where, path)));
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, from));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, from)]));
}

function at(from: { data: unknown; form: unknown }, where: string, path: string): unknown {
  let found: unknown = where === "data" ? from.data : from.form;
  for (const name of path.split(".")) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}
