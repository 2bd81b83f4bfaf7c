import { SvelteMap } from "svelte/reactivity";

/** What the visitor has said of himself. It lives as long as the page does and stands nowhere else. */
export class Given {
  token = $state("");
  /** What stands in paths, by its name: said once, it is there for every operation. */
  readonly places = new SvelteMap<string, string>();
}
