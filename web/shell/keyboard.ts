import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** One key, or two after each other: `?`, `g p`. Named as `KeyboardEvent.key` names them. */
export interface Binding {
  keys: string;
  /** What it does, as the list that `?` opens says it. */
  text: string;
  run(): void;
}

interface Group {
  title: string;
  bindings: readonly Binding[];
}

/** All that is bound now, the page's groups after the shell's. */
export const groups = signal<readonly Group[]>([]);

/** A second key must follow the first within this time, milliseconds. */
const SEQUENCE_MS = 1200;

let first: { key: string; at: number } | null = null;

/** Binds keys while the component is shown. The newest binding of a key wins; keys typed into fields are left alone. */
export function useKeys(title: string, bindings: readonly Binding[]): void {
  const newest = useRef(bindings);
  newest.current = bindings;
  const shape = bindings.map(({ keys, text }) => `${keys} ${text}`).join('\n');
  useEffect(() => {
    const group: Group = {
      title,
      bindings: newest.current.map(({ keys, text }) => ({
        keys,
        text,
        run: () => newest.current.find((one) => one.keys === keys)?.run(),
      })),
    };
    groups.value = [...groups.value, group];
    return () => {
      groups.value = groups.value.filter((one) => one !== group);
    };
  }, [title, shape]);
}

export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
      return;
    if (document.querySelector('dialog[open]') !== null) return;
    const { key } = event;
    const started = first !== null && event.timeStamp - first.at < SEQUENCE_MS ? first.key : null;
    const found = (started === null ? undefined : bindingOf(`${started} ${key}`)) ?? bindingOf(key);
    if (found !== undefined) {
      first = null;
      event.preventDefault();
      found.run();
    } else {
      first = { key, at: event.timeStamp };
    }
  });
}

function bindingOf(keys: string): Binding | undefined {
  return groups.value.flatMap((group) => group.bindings).findLast((one) => one.keys === keys);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Moves the focus among the rows of the page: elements with `data-row`, each a link or a button. */
export function focusRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')].filter(
    (row) => row.offsetParent !== null,
  );
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next =
    at === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}

/** Puts the cursor into the filter of the page: the first field with `data-filter`. */
export function focusFilter(): void {
  const field = document.querySelector<HTMLInputElement>('[data-filter]');
  field?.focus();
  field?.select?.();
}
