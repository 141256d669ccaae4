import './style/status.css';

/** How one status looks: the only place that says so. `tone` names a colour of `style/tokens.css`. */
interface Look {
  word: string;
  tone: 'good' | 'bad' | 'busy' | 'wait' | 'warn' | 'idle' | 'hand' | 'later';
  /** Path of the sign inside a 16 by 16 disc. */
  sign: string;
  /** `disc`: filled; `ring`: an outline; `spin`: an outline that turns. */
  shape: 'disc' | 'ring' | 'spin';
}

const CHECK = 'M4.8 8.3 7 10.5 11.2 5.9';
const CROSS = 'M5.5 5.5 10.5 10.5M10.5 5.5 5.5 10.5';
const BARS = 'M6.4 5.4V10.6M9.6 5.4V10.6';
const DOTS = 'M4.9 8H5M8 8H8.1M11 8H11.1';
const SLASH = 'M4.9 11.1 11.1 4.9';
const CHEVRONS = 'M5 5.4 7.6 8 5 10.6M8.6 5.4 11.2 8 8.6 10.6';
const PLAY = 'M6.6 5.2 11 8 6.6 10.8Z';
const CLOCK = 'M8 4.8V8L10.2 9.4';
const BANG = 'M8 4.6V8.6M8 11.2V11.3';
const DOT = 'M8 8H8.01';

const LOOKS: Readonly<Record<string, Look>> = {
  created: { word: 'Created', tone: 'idle', sign: DOT, shape: 'ring' },
  waiting_for_resource: { word: 'Waiting for resource', tone: 'wait', sign: BARS, shape: 'ring' },
  waiting_for_callback: { word: 'Waiting', tone: 'wait', sign: BARS, shape: 'ring' },
  preparing: { word: 'Preparing', tone: 'wait', sign: DOTS, shape: 'ring' },
  pending: { word: 'Pending', tone: 'wait', sign: BARS, shape: 'ring' },
  running: { word: 'Running', tone: 'busy', sign: DOT, shape: 'spin' },
  success: { word: 'Passed', tone: 'good', sign: CHECK, shape: 'disc' },
  warning: { word: 'Passed with warnings', tone: 'warn', sign: BANG, shape: 'disc' },
  allowed_failure: { word: 'Failed, allowed', tone: 'warn', sign: BANG, shape: 'disc' },
  failed: { word: 'Failed', tone: 'bad', sign: CROSS, shape: 'disc' },
  canceling: { word: 'Canceling', tone: 'idle', sign: SLASH, shape: 'ring' },
  canceled: { word: 'Canceled', tone: 'idle', sign: SLASH, shape: 'ring' },
  skipped: { word: 'Skipped', tone: 'idle', sign: CHEVRONS, shape: 'ring' },
  manual: { word: 'Manual', tone: 'hand', sign: PLAY, shape: 'ring' },
  scheduled: { word: 'Delayed', tone: 'later', sign: CLOCK, shape: 'ring' },
};

const UNKNOWN: Look = { word: 'Unknown', tone: 'idle', sign: DOT, shape: 'ring' };

/** Statuses after which nothing happens by itself. */
const OVER = new Set(['success', 'failed', 'canceled', 'skipped']);
/** Statuses in which something goes on now. */
const MOVING = new Set([
  'running',
  'pending',
  'preparing',
  'canceling',
  'waiting_for_resource',
  'waiting_for_callback',
]);

/** Every status with its word, in the order of a life. */
export const STATUS_WORDS: readonly (readonly [status: string, word: string])[] = Object.entries(LOOKS)
  .filter(([status]) => status !== 'warning' && status !== 'allowed_failure')
  .map(([status, { word }]) => [status, word]);

/** A job's status as it is shown: a failure that is allowed looks like a warning. */
export function shownStatus(status: string, allowFailure: boolean): string {
  return status === 'failed' && allowFailure ? 'allowed_failure' : status;
}

export function statusWord(status: string): string {
  return (LOOKS[status] ?? { ...UNKNOWN, word: status }).word;
}

export function statusTone(status: string): Look['tone'] {
  return (LOOKS[status] ?? UNKNOWN).tone;
}

export function isOver(status: string): boolean {
  return OVER.has(status);
}

export function isMoving(status: string): boolean {
  return MOVING.has(status);
}

interface StatusProps {
  status: string;
  /** A job that may fail: its failure looks like a warning. */
  allowFailure?: boolean;
}

/** The sign alone, where the word stands beside it or in `label`. */
export function StatusIcon({ status, allowFailure = false, label }: StatusProps & { label?: string }) {
  const look = LOOKS[shownStatus(status, allowFailure)] ?? UNKNOWN;
  return (
    <svg
      class={`status-icon tone-${look.tone} is-${look.shape}`}
      viewBox="0 0 16 16"
      role="img"
      aria-label={label}
      aria-hidden={label === undefined}
    >
      {look.shape === 'spin' ? <circle class="track" cx="8" cy="8" r="6.5" /> : null}
      <circle class="edge" cx="8" cy="8" r="6.5" />
      <path class="sign" d={look.sign} />
    </svg>
  );
}

/** Sign, word and colour. */
export function Status({ status, allowFailure = false }: StatusProps) {
  const shown = shownStatus(status, allowFailure);
  return (
    <span class={`status tone-${statusTone(shown)}`}>
      <StatusIcon status={shown} />
      {statusWord(shown)}
    </span>
  );
}

const FAVICON_COLOURS: Readonly<Record<Look['tone'], string>> = {
  good: '#1f883d',
  bad: '#d1242f',
  busy: '#0969da',
  wait: '#bf8700',
  warn: '#bc4c00',
  idle: '#6e7781',
  hand: '#57606a',
  later: '#8250df',
};

/** Address of a favicon in the colour and with the sign of a status; without one the mark of Teaspoon. */
export function faviconOf(status: string | null): string {
  const look = status === null ? null : (LOOKS[status] ?? UNKNOWN);
  const drawn =
    look === null
      ? '<rect width="16" height="16" rx="4" fill="#1d1c1a"/><path d="M5.2 10.8 11 5" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/><ellipse cx="5" cy="11" rx="2.4" ry="1.7" transform="rotate(-45 5 11)" fill="#fff"/>'
      : `<circle cx="8" cy="8" r="8" fill="${FAVICON_COLOURS[look.tone]}"/><path d="${look.sign}" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawn}</svg>`)}`;
}
