// Moments as Slack's client writes them, in the time zone of the person who looks.

function parts(seconds, tz, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: tz, ...options }).format(new Date(seconds * 1000));
}

export function clockTime(seconds, tz) {
  return parts(seconds, tz, { hour: "numeric", minute: "2-digit" });
}

function dayNumber(seconds, tz) {
  const iso = new Intl.DateTimeFormat("en-CA", { timeZone: tz }).format(new Date(seconds * 1000));
  return Math.round(Date.parse(iso) / 86_400_000);
}

/** "today", "yesterday", "tomorrow", or "" for any other day. */
function nearDay(seconds, { tz, now }) {
  return { 0: "today", 1: "tomorrow", "-1": "yesterday" }[dayNumber(seconds, tz) - dayNumber(now, tz)] ?? "";
}

function ordinal(day) {
  const last = day % 10;
  if (day > 10 && day < 14) return `${day}th`;
  return `${day}${{ 1: "st", 2: "nd", 3: "rd" }[last] ?? "th"}`;
}

function longDate(seconds, tz, month) {
  const day = ordinal(Number(parts(seconds, tz, { day: "numeric" })));
  return `${parts(seconds, tz, { month })} ${day}, ${parts(seconds, tz, { year: "numeric" })}`;
}

function ago(seconds, now) {
  const gap = now - seconds;
  const size = Math.abs(gap);
  const [count, unit] = size < 60 ? [size, "second"] : size < 3600 ? [size / 60, "minute"]
    : size < 86_400 ? [size / 3600, "hour"] : [size / 86_400, "day"];
  const whole = Math.floor(count);
  const words = `${whole} ${unit}${whole === 1 ? "" : "s"}`;
  return gap < 0 ? `in ${words}` : `${words} ago`;
}

/** An age as a lock screen writes it: "now", "4m", "3h", "2d". */
export function shortAge(seconds, now) {
  const minutes = Math.floor((now - seconds) / 60);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes}m`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`;
}

const TOKENS = {
  date_num: (s, v) => new Intl.DateTimeFormat("en-CA", { timeZone: v.tz }).format(new Date(s * 1000)),
  date_slash: (s, v) => parts(s, v.tz, { month: "2-digit", day: "2-digit", year: "numeric" }),
  date: (s, v) => longDate(s, v.tz, "long"),
  date_short: (s, v) => parts(s, v.tz, { month: "short", day: "numeric", year: "numeric" }),
  date_long: (s, v) => `${parts(s, v.tz, { weekday: "long" })}, ${longDate(s, v.tz, "long")}`,
  time: (s, v) => clockTime(s, v.tz),
  time_secs: (s, v) => parts(s, v.tz, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (s, v) => ago(s, v.now),
  day_divider_pretty: (s, v) => dayDivider(s, v),
};
for (const name of ["date", "date_short", "date_long"]) {
  TOKENS[`${name}_pretty`] = (s, v) => nearDay(s, v) || TOKENS[name](s, v);
}

/** Slack's `<!date^…>`: the format with its tokens filled in, or the fallback when it holds none that we know. */
export function dateToken(seconds, format, fallback, viewer) {
  if (!Number.isFinite(seconds)) return fallback;
  let known = false;
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => {
    if (!TOKENS[name]) return whole;
    known = true;
    return TOKENS[name](seconds, viewer);
  });
  return known ? text : fallback;
}

/** A moment as a clock on the wall shows it in a zone: "2026-11-20T18:30". */
export function wallTime(seconds, tz) {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: tz }).format(new Date(seconds * 1000));
  const time = new Intl.DateTimeFormat("en-GB", { timeZone: tz, hour: "2-digit", minute: "2-digit" }).format(new Date(seconds * 1000));
  return `${day}T${time}`;
}

/** The moment at which a clock on the wall shows that, as seconds. The second round settles a change of the clocks. */
export function fromWallTime(wall, tz) {
  const wanted = Date.parse(`${wall}Z`) / 1000;
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) guess += wanted - Date.parse(`${wallTime(guess, tz)}Z`) / 1000;
  return guess;
}

/** What stands on the line between two days. */
export function dayDivider(seconds, viewer) {
  const near = nearDay(seconds, viewer);
  if (near) return near.charAt(0).toUpperCase() + near.slice(1);
  const day = ordinal(Number(parts(seconds, viewer.tz, { day: "numeric" })));
  return `${parts(seconds, viewer.tz, { weekday: "long" })}, ${parts(seconds, viewer.tz, { month: "long" })} ${day}`;
}
