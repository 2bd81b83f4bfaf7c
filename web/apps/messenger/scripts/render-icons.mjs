// Renders public/icon.svg to the PNG sizes that installers want: `npm run icons`. CHROMIUM names another browser than Debian's.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const folder = join(import.meta.dirname, "../public");
const svg = readFileSync(join(folder, "icon.svg"), "utf8");
const PAPER = "#6b3d91";
// A maskable icon fills its square and keeps its drawing within the inner 80 percent; Apple's is cut to its own corners.
const images = [
  { file: "icon-180.png", size: 180, scale: 1, square: true },
  { file: "icon-192.png", size: 192, scale: 1, square: false },
  { file: "icon-512.png", size: 512, scale: 1, square: false },
  { file: "icon-maskable-512.png", size: 512, scale: 0.86, square: true },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const { file, size, scale, square } of images) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const inner = Math.round(size * scale);
  await page.setContent(`<style>body{margin:0;display:grid;place-items:center;block-size:${size}px;background:${square ? PAPER : "transparent"}}
    svg{inline-size:${inner}px;block-size:${inner}px}</style>${svg}`);
  writeFileSync(join(folder, file), await page.screenshot({ omitBackground: !square }));
  await page.close();
}
await browser.close();
