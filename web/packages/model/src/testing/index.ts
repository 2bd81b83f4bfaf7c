export { FakeBusiness, type Heard } from "./fake-business.ts";
export { FakeFiles } from "./fake-files.ts";
export { FakeDevice, fakeMls } from "./fake-mls.ts";
export { type FakeCard, type FakeConversation, FakeNetwork } from "./fake-network.ts";
export { type FakeText, servePacks } from "./fake-packs.ts";
export { FakeRelations } from "./fake-relations.ts";
export { SoloTabs, TabsHub } from "./fake-tabs.ts";
