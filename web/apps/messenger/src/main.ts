import "@suki/ui/tokens.css";
import "./app.css";
import { start } from "@suki/i18n";
import { mount } from "svelte";
import { browserWorld } from "./platform.ts";
import { watchForUpdates } from "./updates.ts";
import App from "./views/App.svelte";
import Trouble from "./views/Trouble.svelte";

async function open(): Promise<void> {
  const language = await start(["ui", "messenger"], location.search, navigator.languages);
  document.documentElement.lang = language.pseudo ? language.intl : language.tag;
  document.documentElement.dir = language.dir;
  const target = document.getElementById("app");
  if (!target) throw new Error("index.html has no element with the id app");
  const world = await browserWorld();
  if ("trouble" in world) mount(Trouble, { target, props: { kind: world.trouble, detail: world.detail } });
  else mount(App, { target, props: { world } });
  watchForUpdates();
}

void open();
