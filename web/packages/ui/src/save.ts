/** Hands a file to the browser to keep. The address is given up once the browser has begun. */
export function saveBlob(file: Blob, name: string, later: (millis: number, run: () => void) => unknown): void {
  const url = URL.createObjectURL(file);
  saveUrl(url, name);
  later(60_000, () => URL.revokeObjectURL(url));
}

/** The same for a file that has an address inside the page already. */
export function saveUrl(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
