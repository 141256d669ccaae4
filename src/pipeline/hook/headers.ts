import type { Texts } from './url.ts';

/** A header's name as RFC 7230 has it. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** A header's value on one line (security HOOK-2). */
export const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Decided by the connection, never by a user. */
const OF_THE_CONNECTION = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'accept-encoding',
  'expect',
]);

const EVENT_NAMES: Readonly<Record<string, string>> = {
  job_events: 'Job Hook',
  pipeline_events: 'Pipeline Hook',
  push_events: 'Push Hook',
  tag_push_events: 'Tag Push Hook',
};

/** What a request says of itself. */
export interface Envelope {
  trigger: string;
  /** New for each request. */
  requestId: string;
  idempotencyKey: string;
  chain: string;
  /** Grows from event to event of a hook. */
  sequence: number;
  /** External base URL. */
  instance: string;
  token: string | null;
  version: string;
}

/** Headers of a hook's request: those of the user first, so that they never replace ours (rest-resources 10.2). */
export function hookHeaders(envelope: Envelope, custom: Texts): Record<string, string> {
  const headers: Record<string, string> = {};
  const ours: Record<string, string> = {
    'Content-Type': 'application/json',
    'User-Agent': `GitLab/${envelope.version}`,
    'X-Gitlab-Event': EVENT_NAMES[envelope.trigger] ?? 'System Hook',
    'X-Gitlab-Webhook-UUID': envelope.requestId,
    'X-Gitlab-Instance': envelope.instance,
    'X-Gitlab-Event-UUID': envelope.chain,
    'Idempotency-Key': envelope.idempotencyKey,
    'X-Teaspoon-Sequence': String(envelope.sequence),
    ...(envelope.token === null ? {} : { 'X-Gitlab-Token': envelope.token.replace(/[\r\n]/g, '') }),
  };
  const taken = new Set([...Object.keys(ours).map((name) => name.toLowerCase()), ...OF_THE_CONNECTION]);
  for (const [name, value] of Object.entries(custom)) {
    if (!taken.has(name.toLowerCase())) headers[name] = value;
  }
  return { ...headers, ...ours };
}

/** The same for the log: no secret is seen (security HOOK-2). */
export function shownHeaders(headers: Record<string, string>, custom: Texts): Record<string, string> {
  const secret = new Set([...Object.keys(custom), 'X-Gitlab-Token']);
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, secret.has(name) ? '[REDACTED]' : value]),
  );
}
