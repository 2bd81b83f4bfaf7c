/** Dates, numbers and spans of time as the reader's language writes them. Every figure of time is in milliseconds. */
export type Formats = ReturnType<typeof formats>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Midnight at the start of the local day that holds `at`. */
export function startOfDay(at: number): number {
  const day = new Date(at);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

/** How many local days lie between `at` and `now`: 0 is today, 1 yesterday; clock changes do not count as a day. */
export function daysAgo(at: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY);
}

/** Countries, sizes and numbers of days. */
function quantities(locale: string) {
  return {
    /** A country by its two letters: `PH` is the Philippines; what is none stays as it is. */
    country(code: string): string {
      try {
        return new Intl.DisplayNames(locale, { type: "region" }).of(code) ?? code;
      } catch {
        return code;
      }
    },
    /** A size: `482 kB`. */
    bytes(count: number): string {
      const [value, size] = count < 1_000_000 ? [count / 1000, "kilobyte"] : [count / 1_000_000, "megabyte"];
      const shown = new Intl.NumberFormat(locale, {
        style: "unit",
        unit: size,
        maximumFractionDigits: value < 10 ? 1 : 0,
      });
      return shown.format(value);
    },
    /** A number of days: `2 days`. */
    days: (count: number) =>
      new Intl.NumberFormat(locale, { style: "unit", unit: "day", unitDisplay: "long" }).format(count),
  };
}

export function formats(locale: string) {
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
  const weekdayDate = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const dated = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const short = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const shortYear = new Intl.DateTimeFormat(locale, { day: "numeric", month: "numeric", year: "2-digit" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const integer = new Intl.NumberFormat(locale);
  const unit = (value: number, name: "hour" | "minute", display: "short" | "long" | "narrow") =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: display }).format(value);
  const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  const near = (days: number) => capital(relative.format(-days, "day"));

  return {
    ...quantities(locale),
    number: (value: number) => integer.format(value),
    /** An amount in whole millionths of a currency's unit, exact to what the currency or the amount needs. */
    money: (millionths: number, currency: string) =>
      new Intl.NumberFormat(locale, { style: "currency", currency, maximumFractionDigits: 6 }).format(
        millionths / 1_000_000,
      ),
    percent: (share: number) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share),
    month: (at: number) =>
      new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(at),
    shortDay: (at: number) =>
      new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(at),
    time: (at: number) => clock.format(at),
    full: (at: number) => full.format(at),
    date: (at: number) => dated.format(at),
    /** The heading of a day in a thread: Today, Yesterday, Tuesday 3 November, or with the year when it is another. */
    day(at: number, now: number): string {
      const days = daysAgo(at, now);
      if (days === 0 || days === 1) return near(days);
      return capital(
        new Date(at).getFullYear() === new Date(now).getFullYear() ? weekdayDate.format(at) : dated.format(at),
      );
    },
    /** A day inside a sentence: today, yesterday, tomorrow, Tuesday, November 3, or with the year when it is another. */
    dayInline(at: number, now: number): string {
      const days = daysAgo(at, now);
      if (Math.abs(days) <= 1) return relative.format(-days || 0, "day");
      return new Date(at).getFullYear() === new Date(now).getFullYear() ? weekdayDate.format(at) : dated.format(at);
    },
    /** The time beside a row of a list: the clock today, Yesterday, a weekday within a week, then a short date. */
    listTime(at: number, now: number): string {
      const days = daysAgo(at, now);
      if (days <= 0) return clock.format(at);
      if (days === 1) return near(1);
      if (days < 7) return capital(weekday.format(at));
      return new Date(at).getFullYear() === new Date(now).getFullYear() ? short.format(at) : shortYear.format(at);
    },
    /** What is left of a span, rounded down to its largest unit: `23 hr`, `45 min`; under a minute it is one minute. */
    left(span: number, display: "short" | "long" | "narrow" = "short"): string {
      if (span >= HOUR) return unit(Math.floor(span / HOUR), "hour", display);
      return unit(Math.max(1, Math.floor(span / MINUTE)), "minute", display);
    },
    /** What is left of a span in hours and minutes: `3 hours 20 minutes`. */
    leftExact(span: number): string {
      const hours = Math.floor(span / HOUR);
      const minutes = Math.max(hours ? 0 : 1, Math.floor((span % HOUR) / MINUTE));
      const parts = [hours ? unit(hours, "hour", "long") : "", minutes ? unit(minutes, "minute", "long") : ""];
      return parts.filter(Boolean).join(" ");
    },
    list: (names: string[]) => new Intl.ListFormat(locale, { type: "conjunction" }).format(names),
  };
}
