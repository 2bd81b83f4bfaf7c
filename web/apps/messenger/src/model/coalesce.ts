/** Runs something, and once more if it was asked for again meanwhile: many changes in a row are read in two goes. */
export function coalesce(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const go = async () => {
    do {
      again = false;
      await run();
    } while (again);
  };
  return () => {
    again = true;
    running ??= go().finally(() => {
      running = null;
    });
    return running;
  };
}
