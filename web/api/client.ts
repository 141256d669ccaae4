import { visit } from '../router.ts';

/** Why a call gave nothing. An expected refusal is a value: a page shows it, `web/shell/problem.tsx` says how. */
export interface Problem {
  /** `cancelled`: the reader went elsewhere, nothing is to be shown. `offline`: no answer came. */
  kind: 'cancelled' | 'offline' | 'refused' | 'failed';
  /** Status of the answer, 0 without one. */
  status: number;
  /** What went wrong, in the server's words where it has some. */
  text: string;
  /** What to do next. */
  advice: string;
  /** What is wrong with single parameters, by their names; a form shows it beside its fields. */
  fields?: Readonly<Record<string, string>>;
}

/** Where a list goes on: parts of the `Link` header and the counts beside it (jobs-api 2). */
export interface Paging {
  /** Query parameters of the next and previous page, null at the end. */
  next: URLSearchParams | null;
  prev: URLSearchParams | null;
  /** Items of all pages; null where the server does not count. */
  total: number | null;
}

export type Result<T> = { ok: true; value: T; paging: Paging } | { ok: false; problem: Problem };

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

export interface CallOptions {
  query?: Query | URLSearchParams;
  /** Sent as JSON; a FormData as it is. */
  body?: unknown;
  /** Ends the call; without one it ends when the reader leaves the page. */
  signal?: AbortSignal;
}

/** Reads `/api/v4<path>`. */
export function get<T>(path: string, options: CallOptions = {}): Promise<Result<T>> {
  return send<T>('GET', path, options);
}

/** Calls `/api/v4<path>`; a call that changes something is not ended by leaving the page. */
export async function send<T>(method: string, path: string, options: CallOptions = {}): Promise<Result<T>> {
  const { query, body, signal = method === 'GET' ? visit.signal : null } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken();
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`/api/v4${path}${queryText(query)}`, {
      method,
      headers,
      signal,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const value: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    if (response.ok) return { ok: true, value: value as T, paging: pagingOf(response.headers) };
    return { ok: false, problem: problemOf(response.status, value) };
  } catch {
    return { ok: false, problem: signal?.aborted ? CANCELLED : OFFLINE };
  }
}

/** A path segment: `encodeURIComponent`, so that a project's full path is one. */
export const segment = encodeURIComponent;

const CANCELLED: Problem = { kind: 'cancelled', status: 0, text: '', advice: '' };
const OFFLINE: Problem = {
  kind: 'offline',
  status: 0,
  text: 'The server does not answer.',
  advice: 'Check that it runs and that you are connected to it; then try again.',
};

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
}

function queryText(query: CallOptions['query']): string {
  if (query === undefined) return '';
  const params = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(query)) {
      if (Array.isArray(value)) for (const item of value) params.append(`${name}[]`, item);
      else if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function pagingOf(headers: Headers): Paging {
  const links = new Map<string, URLSearchParams>();
  for (const [, url, rel] of (headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)) {
    links.set(rel!, new URL(url!, location.href).searchParams);
  }
  const total = headers.get('x-total');
  return {
    next: links.get('next') ?? null,
    prev: links.get('prev') ?? null,
    total: total === null || total === '' ? null : Number(total),
  };
}

function problemOf(status: number, body: unknown): Problem {
  return {
    kind: status >= 500 ? 'failed' : 'refused',
    status,
    text: wordsOf(body) ?? `The server answered with status ${status}.`,
    advice: adviceOf(status),
    fields: fieldsOf(body),
  };
}

/** GitLab's error bodies: `message` or `error`, a text, a list, or lists by field. */
function wordsOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  const { message, error, error_description: description } = body as Record<string, unknown>;
  const said = description ?? message ?? error;
  if (typeof said === 'string') return said.replace(/^\d{3} (?:[A-Z][a-z ]+ - )?/, '');
  if (Array.isArray(said)) return said.join(', ');
  if (typeof said !== 'object' || said === null) return null;
  return Object.entries(said)
    .map(([field, texts]) => `${field === 'base' ? '' : `${field} `}${[texts].flat().join(', ')}`)
    .join('; ');
}

/** `{message: {name: ["is taken"]}}`, or `{error: "name is missing, ref is empty"}`. */
function fieldsOf(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {};
  const { message, error } = body as Record<string, unknown>;
  if (typeof error === 'string') {
    const texts = error.split(', ').flatMap((text) => /^([a-z_]+) (.+)$/.exec(text)?.slice(1, 3) ?? []);
    return Object.fromEntries(texts.flatMap((_, at) => (at % 2 === 0 ? [[texts[at], texts[at + 1]]] : [])));
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return {};
  return Object.fromEntries(
    Object.entries(message).map(([name, texts]) => [name, [texts].flat().join(', ')]),
  );
}

function adviceOf(status: number): string {
  if (status === 401) return 'Sign in and try again.';
  if (status === 403) return 'Ask a maintainer of the project for the role that may do this.';
  if (status === 404) return 'Check the address; it may have been removed, or you may need to be a member.';
  if (status === 409) return 'Something changed meanwhile: read the page again.';
  if (status === 429) return 'Too many calls in a short time: wait a minute.';
  if (status >= 500) return 'Try again; the log of the server has the cause.';
  return 'Correct it and try again.';
}
