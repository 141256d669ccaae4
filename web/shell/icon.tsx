/** Strokes of 16 by 16 signs; those of statuses are in `web/status.tsx`. */
const PATHS = {
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  moon: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z',
  half: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 2v12M8 5.2 12.8 4.6M8 8h6M8 10.8l4.8.6',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.1M6.5 6.5h.1M9 6.5h.1M11.5 6.5h.1M4 9.5h.1M6 9.5h4M12 9.5h.1',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.1 3.1',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  check: 'M3 8.5 6.5 12 13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  retry: 'M13 3v3.5H9.5M12.7 6.5A5.2 5.2 0 1 0 13 9.6',
  stop: 'M4 4h8v8H4z',
  play: 'M5 3.5v9l7.5-4.5z',
  down: 'M4 6.5 8 10.5 12 6.5',
  up: 'M4 9.5 8 5.5 12 9.5',
  start: 'M3.5 3h9M4 9.5 8 5.5 12 9.5M8 5.5v8',
  end: 'M3.5 13h9M4 6.5 8 10.5 12 6.5M8 10.5v-8',
  wrap: 'M2.5 4h11M2.5 8h8.5a2 2 0 0 1 0 4H8M9.7 10.2 8 12l1.7 1.8M2.5 12h2.5',
  fold: 'M5 2.5 8 5.5l3-3M5 13.5l3-3 3 3M2.5 8h11',
  right: 'M6.5 4 10.5 8 6.5 12',
  branch:
    'M5 3a1.3 1.3 0 1 0 0 2.6A1.3 1.3 0 0 0 5 3ZM5 10.4A1.3 1.3 0 1 0 5 13a1.3 1.3 0 0 0 0-2.6ZM11 4.4A1.3 1.3 0 1 0 11 7a1.3 1.3 0 0 0 0-2.6ZM5 5.6v4.8M11 7c0 2-6 1.2-6 3.4',
  tag: 'M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.1',
  commit: 'M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8ZM1.5 8h4M10.5 8h4',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.4',
  user: 'M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4ZM2.8 13.5c.6-2.6 2.6-3.9 5.2-3.9s4.6 1.3 5.2 3.9',
  link: 'M6.5 9.5l3-3M7.5 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1',
  download: 'M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10',
  plus: 'M8 3v10M3 8h10',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  file: 'M4 1.5h5l3 3v10H4zM9 1.5v3h3',
  folder: 'M1.5 3.5h5l1.5 2h6.5v7.5h-13z',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  warning: 'M8 2 14.5 13.5h-13zM8 6.5v3M8 11.5h.1',
  more: 'M3.5 8h.1M8 8h.1M12.5 8h.1',
} as const;

export type IconName = keyof typeof PATHS;

/** A sign beside a word, or inside a button with an `aria-label`: never the only thing that tells something. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
