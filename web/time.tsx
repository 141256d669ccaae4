import { signal } from '@preact/signals';

/** Milliseconds; moves once a second while the page is in sight. */
export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** "12 s ago", "in 4 min", "3 Mar": short enough for a column. */
export function relative(at: number, from: number): string {
  const seconds = Math.round((from - at) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return 'now';
  if (distance >= 14 * DAY) {
    const sameYear = new Date(at).getFullYear() === new Date(from).getFullYear();
    return (sameYear ? day : dayOfYear).format(at);
  }
  const text =
    distance < MINUTE
      ? `${distance} s`
      : distance < HOUR
        ? `${Math.floor(distance / MINUTE)} min`
        : distance < DAY
          ? `${Math.floor(distance / HOUR)} h`
          : `${Math.floor(distance / DAY)} d`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** "0:07", "12:04", "1:02:09": a span of seconds as a clock shows it. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < HOUR ? rest.replace(/^0/, '') : `${Math.floor(whole / HOUR)}:${rest}`;
}

/** A moment: relative, and exact to the second when pointed at. Shows a dash for null. */
export function Time({ at }: { at: string | number | null }) {
  if (at === null) return <span class="muted">–</span>;
  const moment = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(moment).toISOString()} title={exact.format(moment)}>
      {relative(moment, now.value)}
    </time>
  );
}

/** How long something took, or has taken until now while `end` is null. Both are times of the API. */
export function Duration({ start, end }: { start: string | null; end: string | null }) {
  if (start === null) return <span class="muted">–</span>;
  const until = end === null ? now.value : Date.parse(end);
  return <span class="number">{clock((until - Date.parse(start)) / 1000)}</span>;
}
