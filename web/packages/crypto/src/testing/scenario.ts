import { base64, unbase64 } from "@suki/api";
import { Mls } from "../index.ts";

/** What a device in a browser goes through with the endpoint; `ask` reaches the endpoint. */
export type Scenario = (suite: number) => Promise<Record<string, unknown>>;
type Ask = (op: string, values: Record<string, string | string[] | number>) => Promise<Record<string, string>>;

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export const run: Scenario = async (suite) => {
  const ask = (globalThis as unknown as { ask: Ask }).ask;
  const bytes = (answer: Record<string, string>, name: string) => unbase64(answer[name] ?? "");
  const world = await ask("world", { suite });
  const mls = new Mls();
  const { seed, publicKey } = await mls.generate();
  const certified = await ask("certify", { account: world.customer ?? "", key: base64(publicKey) });
  const device = await mls.device(seed, bytes(certified, "certificate"), bytes(world, "networkKey"));
  const [made] = await device.keyPackages(suite, 1, false);
  if (!made) throw new Error("no key package was made");
  const change = await ask("add", { packages: [base64(made.message)] });
  await ask("confirm", {});
  let { group } = await device.join(bytes(change, "welcome"), async () => made.secret);

  const said = async (words: string) =>
    bytes(
      await ask("encrypt", { header: base64(utf8.encode("for the network")), plaintext: base64(utf8.encode(words)) }),
      "message",
    );
  const hear = async (message: Uint8Array) => {
    const { group: next, received } = await device.receive(group, message);
    group = next;
    if (received.type !== "application") throw new Error("this is no application message");
    return received;
  };
  const why = (promise: Promise<unknown>) =>
    promise.then(
      () => "accepted",
      (error) => error.why ?? String(error),
    );
  const say = async (words: string) => {
    const sent = await device.encrypt(group, utf8.encode("header"), utf8.encode(words));
    group = sent.group;
    return text(bytes(await ask("receive", { message: base64(sent.message) }), "plaintext"));
  };

  const hello = await said("Kumusta?");
  const changed = hello.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  const forged = await why(hear(changed));
  const { plaintext, header } = await hear(hello);
  const repeated = await why(hear(hello));
  const answered = await say("Mabuti!");
  group = device.importGroup(device.exportGroup(group));
  const restored = await say("after a reload");
  const rejoined = await device.rejoin(bytes(await ask("group_info", {}), "groupInfo"));
  group = rejoined.group;
  await ask("receive", { message: base64(rejoined.commit) });
  const { safetyNumber } = await ask("state", {});
  return {
    suites: [...mls.suites],
    heard: text(plaintext),
    header: base64(header),
    forged,
    repeated,
    answered,
    restored,
    rejoined: await say("after losing everything"),
    sameNumber: (await device.safetyNumber(group)) === safetyNumber,
  };
};
