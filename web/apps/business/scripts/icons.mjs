// Renders public/icon.svg as the PNG files the manifest names: `node scripts/icons.mjs`. Chromium: CHROMIUM or /usr/bin/chromium.
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const folder = new URL("../public/", import.meta.url);
const svg = await readFile(new URL("icon.svg", folder), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();

async function render(name, size, maskable) {
  // A maskable icon may lose a fifth at each edge, so the drawing keeps to the middle and its ground fills the rest.
  const inner = maskable ? Math.round(size * 0.72) : size;
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>html,body{margin:0;background:${maskable ? "#6b3d91" : "transparent"}}div{display:grid;place-items:center;width:${size}px;height:${size}px}svg{width:${inner}px;height:${inner}px}</style><div>${svg}</div>`,
  );
  await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: true });
}

await render("icon-180.png", 180, true);
await render("icon-192.png", 192, false);
await render("icon-512.png", 512, false);
await render("icon-maskable-512.png", 512, true);
await browser.close();
