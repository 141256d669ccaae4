import { refuse } from './errors.ts';
import type { InputShape } from './input.ts';
import type { Answer, Call } from './route.ts';

/** Parameters of every list (jobs-api 2.1). Larger pages are clamped, not refused (surrounding-api 0.5). */
export const PAGE_INPUT = {
  page: { type: 'integer', default: 1, min: 1, max: 1_000_000_000 },
  per_page: { type: 'integer', default: 20, excluded: [0], min: 1 },
} as const satisfies InputShape;

export const MAX_PER_PAGE = 100;
/** Above this many rows totals are not sent (jobs-api 2.1). */
export const MAX_COUNTED = 10_000;

export interface Page {
  page: number;
  perPage: number;
  offset: number;
}

/** The page that was asked for, with the page size within its limit. */
export function pageOf(params: { page: number; per_page: number }): Page {
  const perPage = Math.min(params.per_page, MAX_PER_PAGE);
  return { page: params.page, perPage, offset: (params.page - 1) * perPage };
}

/** What `pageAnswer` needs to know of a call. */
export type Linked = Pick<Call, 'received' | 'baseUrl' | 'path'>;

/**
 * 200 with one page of a counted list: `X-*` headers and `Link` with first and last (jobs-api 2.1). `total` may stop
 * counting at 10,001: totals are left out then, and behind that a full page has a next one.
 */
export function pageAnswer(call: Linked, page: Page, items: readonly unknown[], total: number): Answer {
  if (total > MAX_COUNTED) {
    const after = page.offset + items.length;
    const mayGoOn = total === MAX_COUNTED + 1 && after >= total && items.length === page.perPage;
    return uncountedAnswer(call, page, items, after < total || mayGoOn);
  }
  const pages = Math.max(1, Math.ceil(total / page.perPage));
  const next = page.page < pages ? page.page + 1 : null;
  const previous = page.page > 1 ? page.page - 1 : null;
  const headers = {
    link: links(call, { prev: previous, next, first: 1, last: pages }),
    ...positions(page, next, previous),
    'x-total': String(total),
    'x-total-pages': String(pages),
  };
  return { status: 200, body: items, headers };
}

/** 200 with one page of a list that is never counted: no totals and no last page (jobs-api 2.1, project jobs). */
export function uncountedAnswer(
  call: Linked,
  page: Page,
  items: readonly unknown[],
  hasMore: boolean,
): Answer {
  const next = hasMore ? page.page + 1 : null;
  const previous = page.page > 1 ? page.page - 1 : null;
  const headers = {
    link: links(call, { prev: previous, next, first: 1 }),
    ...positions(page, next, previous),
  };
  return { status: 200, body: items, headers };
}

/**
 * 200 with one page of a keyset list: a `Link` to the next page only, and none on the last (jobs-api 2.2). `next` holds
 * the parameters that lead there, as `{cursor: '…'}`, or is null.
 */
export function keysetAnswer(
  call: Linked,
  items: readonly unknown[],
  next: Readonly<Record<string, unknown>> | null,
): Answer {
  const headers: Record<string, string> = {};
  if (next !== null) headers.link = `<${address(call, next)}>; rel="next"`;
  return { status: 200, body: items, headers };
}

/** An opaque cursor and back; null for a cursor that nobody gave out. */
export function encodeCursor(position: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

export function decodeCursor(cursor: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The id behind a cursor made of `{id}`; null without one. Throws `Refused` 400 for one that nobody gave out. */
export function cursorId(cursor: string | undefined): number | null {
  if (cursor === undefined || cursor === '') return null;
  const id = decodeCursor(cursor)?.id;
  if (typeof id !== 'number' || !Number.isSafeInteger(id))
    throw refuse.invalidParameters(['cursor is invalid']);
  return id;
}

function positions(page: Page, next: number | null, previous: number | null): Record<string, string> {
  return {
    'x-next-page': next === null ? '' : String(next),
    'x-page': String(page.page),
    'x-per-page': String(page.perPage),
    'x-prev-page': previous === null ? '' : String(previous),
  };
}

function links(call: Linked, pages: Record<string, number | null>): string {
  const all: string[] = [];
  for (const [rel, number] of Object.entries(pages)) {
    if (number === null) continue;
    all.push(`<${address(call, { page: number })}>; rel="${rel}"`);
  }
  return all.join(', ');
}

/** Never repeated to a client: the address ends up in logs and histories (security TOK-2, TOK-9). */
const SECRETS = new Set(['private_token', 'job_token', 'token', 'access_token', 'password']);

/** The request's address with all that was received, sorted, and `changes` on top (jobs-api 2.1). */
function address(call: Linked, changes: Readonly<Record<string, unknown>>): string {
  const parameters = { ...call.received, ...changes };
  const pairs: string[] = [];
  for (const name of Object.keys(parameters).sort()) {
    if (!SECRETS.has(name)) encodePairs(encodeURIComponent(name), parameters[name as never], pairs);
  }
  return `${call.baseUrl}${call.path}?${pairs.join('&')}`;
}

function encodePairs(name: string, value: unknown, pairs: string[]): void {
  if (value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) encodePairs(`${name}%5B%5D`, item, pairs);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      encodePairs(`${name}%5B${encodeURIComponent(key)}%5D`, inner, pairs);
    }
  } else {
    pairs.push(`${name}=${value === null ? '' : encodeURIComponent(String(value))}`);
  }
}
