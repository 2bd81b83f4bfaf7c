import { base64 } from "@suki/api";
import { RefusalCode } from "@suki/api/gen";
import type { FakeNetwork } from "./fake-network.ts";

/** An approved text of a fake business, in one language. */
export interface FakeText {
  language: string;
  id: number;
  category: "MARKETING" | "UTILITY" | "AUTHENTICATION";
  components: unknown[];
}

/** The network's packs, signed as the fake network signs. */
export function servePacks(network: FakeNetwork, packs: Record<string, FakeText[]>): void {
  const of = (account: string) => Object.keys(packs).filter((key) => key.startsWith(`${account}/`));
  network.calls.set("pack.list", ({ business }: { business: string }) => {
    const names = of(business.slice(4)).map((key) => ({ name: key.split("/")[1], serial: 1 }));
    return { packs: names, next: "" };
  });
  network.calls.set("pack.get", ({ business, name }: { business: string; name: string }) => {
    const texts = packs[`${business.slice(4)}/${name}`];
    if (!texts) return RefusalCode.UNKNOWN;
    const pack = {
      business,
      name,
      serial: 1,
      issued_at: network.clock.now(),
      refresh_millis: 31 * 86_400_000,
      retry_millis: 300_000,
      fallback: "sender",
      languages: texts.map(({ language, id, category, components }) => {
        return { language, template_id: id, version: 1, category, parameter_format: "POSITIONAL", components };
      }),
    };
    const text = new TextEncoder();
    return { body: base64(text.encode(JSON.stringify(pack))), signature: base64(text.encode("signed")) };
  });
}
