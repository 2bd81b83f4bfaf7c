import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { VitePWA } from "vite-plugin-pwa";

// `npm run dev` runs against the fake network; `npm run dev:server` against a Suki on this machine.
const server = process.env.SUKI_URL ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  base: "/c/",
  plugins: [
    svelte(),
    VitePWA({
      strategies: "injectManifest",
      srcDir: "src",
      filename: "sw.ts",
      scope: "/c/",
      registerType: "prompt",
      injectRegister: false,
      includeAssets: ["icon.svg", "icon-180.png"],
      // The other app's texts are in the build because the catalogue is one; this app never asks for them.
      injectManifest: { globPatterns: ["**/*.{js,css,html,svg,png,webmanifest}"], globIgnores: ["**/business-*.js"] },
      manifest: {
        id: "/c/",
        name: "Suki",
        short_name: "Suki",
        description: "Chat with the shops you know. Encrypted, on a server its owner runs.",
        start_url: "/c/",
        scope: "/c/",
        display: "standalone",
        background_color: "#fdfbf8",
        theme_color: "#fdfbf8",
        categories: ["social", "communication", "shopping"],
        icons: [
          { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
          { src: "icon-192.png", sizes: "192x192", type: "image/png" },
          { src: "icon-512.png", sizes: "512x512", type: "image/png" },
          { src: "icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
        ],
      },
    }),
  ],
  build: {
    outDir: mode === "fake" ? "dist/fake" : "../../dist/messenger",
    emptyOutDir: true,
    target: "es2022",
  },
  server: {
    port: 5175,
    proxy: { "/v1": { target: server, ws: true, changeOrigin: true } },
  },
}));
