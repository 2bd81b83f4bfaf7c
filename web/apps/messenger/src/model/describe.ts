/** What a browser calls itself, for the list of a person's devices: "Chrome on Android". */
export function browserName(agent: string): { browser: string; system: string } {
  const find = (names: [RegExp, string][], other: string) => names.find(([test]) => test.test(agent))?.[1] ?? other;
  const browser = find(
    [
      [/Edg(e|A|iOS)?\//, "Edge"],
      [/OPR\//, "Opera"],
      [/SamsungBrowser\//, "Samsung Internet"],
      [/(Firefox|FxiOS)\//, "Firefox"],
      [/(Chrome|CriOS)\//, "Chrome"],
      [/Safari\//, "Safari"],
    ],
    "Browser",
  );
  const system = find(
    [
      [/iPhone/, "iPhone"],
      [/iPad/, "iPad"],
      [/Android/, "Android"],
      [/CrOS/, "ChromeOS"],
      [/Mac OS X/, "Mac"],
      [/Windows/, "Windows"],
      [/Linux/, "Linux"],
    ],
    "Web",
  );
  return { browser, system };
}
