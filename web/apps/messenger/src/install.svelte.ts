interface InstallEvent extends Event {
  prompt(): Promise<void>;
}

let event = $state.raw<InstallEvent | null>(null);

addEventListener("beforeinstallprompt", (offered) => {
  offered.preventDefault();
  event = offered as InstallEvent;
});
addEventListener("appinstalled", () => {
  event = null;
});

/** The browser's offer to install the app, kept until the person asks for it. */
export const installer = {
  get ready(): boolean {
    return event !== null;
  },
  async install(): Promise<void> {
    const offered = event;
    event = null;
    await offered?.prompt();
  },
};
