import { InboxClient, type Live } from "@suki/inbox";
import { describe, expect, it } from "vitest";
import { TestClock } from "./clock.ts";
import { fakeInbox } from "./inbox/index.ts";

function world(scene?: "empty" | "signed-out") {
  const clock = new TestClock();
  const fake = fakeInbox({ now: clock.now, after: clock.after, ...(scene ? { scene } : {}) });
  const client = new InboxClient(fake.fetch);
  const soon = async <T>(call: Promise<T>): Promise<T> => {
    call.catch(() => {});
    await clock.advance(100);
    return call;
  };
  return { fake, client, advance: (wait: number) => clock.advance(wait), soon };
}

describe("the fake inbox", () => {
  it("pages through chats and messages without gap or repetition", async () => {
    const { client, soon } = world();
    const first = await soon(client.chats({ limit: 30 }));
    const second = await soon(client.chats({ limit: 30, before: first.next }));
    const ids = [...first.data, ...second.data].map((chat) => chat.id);
    expect(new Set(ids).size).toBe(49);
    const newest = await soon(client.messages("cht_01ana"));
    const older = await soon(client.messages("cht_01ana", { before: newest.data[0]?.id ?? "" }));
    expect([...older.data, ...newest.data].map((message) => message.order)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 33),
    );
  });
  it("sends once however often it is tried, and refuses outside the window", async () => {
    const { client, soon } = world();
    const message = { id: `msg_${"a".repeat(32)}`, text: "Hello" };
    await soon(client.send("cht_01ana", message));
    await soon(client.send("cht_01ana", message));
    const page = await soon(client.messages("cht_01ana"));
    expect(page.data.filter((one) => one.id === message.id)).toHaveLength(1);
    await expect(soon(client.send("cht_05jose", message))).rejects.toMatchObject({
      code: "window_closed",
      status: 409,
    });
  });
  it("tells who listens how a message travels", async () => {
    const { fake, client, advance, soon } = world();
    const seen: string[] = [];
    const socket = fake.open();
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(String(data)) as Live;
      seen.push(event.type === "status" ? event.status : event.type === "typing" ? `typing ${event.on}` : event.type);
    };
    await advance(100);
    await soon(client.send("cht_01ana", { id: `msg_${"b".repeat(32)}`, text: "Hello" }));
    await advance(10_000);
    expect(seen).toEqual(["hello", "message", "sent", "delivered", "read", "typing true", "typing false", "message"]);
  });
  it("asks for a sign-in when nobody is signed in", async () => {
    const { client, soon } = world("signed-out");
    await expect(soon(client.me())).rejects.toMatchObject({ status: 401 });
    await expect(soon(client.signInWithPassword("maria@x.example", "wrong"))).rejects.toMatchObject({
      code: "unauthorized",
    });
    await soon(client.signInWithToken("sgn_1"));
    expect((await soon(client.me())).operator.name).toBe("Maria Luna");
  });
});
