import type business from "../catalogues/en/business.json";
import type console from "../catalogues/en/console.json";
import type explorer from "../catalogues/en/explorer.json";
import type messenger from "../catalogues/en/messenger.json";
import type ui from "../catalogues/en/ui.json";

/** A part of the catalogue: an app loads only the parts it shows. */
export type Part = "ui" | "business" | "console" | "explorer" | "messenger";

/** Every key there is. English is the source: a key that English lacks is a type error. */
export type Key =
  | keyof typeof ui
  | keyof typeof business
  | keyof typeof console
  | keyof typeof explorer
  | keyof typeof messenger;
