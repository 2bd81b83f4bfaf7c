import "@suki/ui/tokens.css";
import "./app.css";
import { start } from "@suki/i18n";
import { mount } from "svelte";
import { browserWorld } from "./platform.ts";
import App from "./views/App.svelte";

async function open(): Promise<void> {
  const language = await start(["ui", "explorer"], location.search, navigator.languages);
  document.documentElement.lang = language.pseudo ? language.intl : language.tag;
  document.documentElement.dir = language.dir;
  const target = document.getElementById("app");
  if (!target) throw new Error("index.html has no element with the id app");
  mount(App, { target, props: { world: await browserWorld() } });
}

void open();
