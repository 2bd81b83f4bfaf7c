import type { Link } from "./link.ts";

/** What asks the network. */
type Asks = Pick<Link, "request">;

/**
 * An operation that is not hot, by name and as JSON (`suki_protocol::calls`). Fails with `Disconnected` or `RefusedError`.
 */
export async function call<Answer>(link: Asks, name: string, request: unknown): Promise<Answer> {
  const json = new TextEncoder().encode(JSON.stringify(request));
  const { json: answer } = await link.request({ case: "call", value: { name, json } }, "called");
  return JSON.parse(new TextDecoder().decode(answer)) as Answer;
}
