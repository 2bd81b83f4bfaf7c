/** The operation that the part of the address after `#` names; "" where it names none. */
export function parse(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#\/?/, ""));
  } catch {
    return "";
  }
}

/** The address of an operation. */
export function href(id: string): string {
  return `#/${encodeURIComponent(id)}`;
}
