import { t } from "@suki/i18n";
import { toast } from "@suki/ui";

const CHECK_MILLIS = 60 * 60_000;

/** Keeps the app for use without a connection, and asks before a new version takes over. */
export function watchForUpdates(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD || import.meta.env.MODE === "fake") return;
  const controlled = navigator.serviceWorker.controller !== null;
  let asked = false;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker takes over a page that has none; only a later one means that there is something new to load.
    if (controlled || asked) location.reload();
  });
  void navigator.serviceWorker.register("/c/sw.js", { scope: "/c/" }).then((registration) => {
    const offer = (worker: ServiceWorker | null) => {
      if (!worker || !registration.active) return;
      asked = true;
      const run = () => worker.postMessage({ type: "SKIP_WAITING" });
      toast(t("messenger.update"), { stay: CHECK_MILLIS, action: { label: t("messenger.update.go"), run } });
    };
    offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => worker.state === "installed" && offer(worker));
    });
    setInterval(() => void registration.update().catch(() => {}), CHECK_MILLIS);
  });
}
