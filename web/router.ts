import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { pages } from './routes.ts';

/** What every page is given: the named parts of its path, decoded. Its query is `query.value`. */
export interface PageProps {
  params: Readonly<Record<string, string>>;
}

/** One page of the UI; `web/routes.ts` lists them all. */
export interface Page {
  /** `:name` is one segment, `*name` one or more. */
  path: string;
  /** Title of the tab until the page says more. */
  title: string;
  /** Name of the tab of the project navigation that is lit; its path has `*project`, and the project is read before it. */
  tab?: string;
  load(): Promise<{ default: ComponentType<PageProps> }>;
}

export interface Found {
  page: Page;
  params: Record<string, string>;
}

/** First words of addresses that no namespace can have. */
const RESERVED = ['-', 'admin', 'api', 'assets', 'dashboard', 'groups', 'users'];

const compiled = pages.map((page) => ({ page, pattern: patternOf(page.path) }));

/** The page of a path, or null. */
export function pageAt(path: string): Found | null {
  for (const { page, pattern } of compiled) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(match.groups ?? {})) {
      const text = decoded(value ?? '');
      if (text === null) return null;
      params[name] = text;
    }
    return { page, params };
  }
  return null;
}

function patternOf(path: string): RegExp {
  const parts = path.split('/').map((part, index) => {
    const name = part.slice(1);
    const first = index === 1 ? `(?!(?:${RESERVED.join('|')})(?:/|$))` : '';
    if (part.startsWith(':')) return `(?<${name}>${first}[^/]+)`;
    if (part.startsWith('*')) return `(?<${name}>${first}(?!-/)[^/]+(?:/(?!-(?:/|$))[^/]+)*)`;
    return part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}/?$`);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Path of the address bar. */
export const path = signal(location.pathname);
/** Query of the address bar; replaced, never changed in place. */
export const query = signal(new URLSearchParams(location.search));
/** Fragment of the address bar with its `#`, or ''. */
export const hash = signal(location.hash);

/** Aborted when the reader leaves the page: what a page asks for ends with it. */
export let visit = new AbortController();

function arrive(): void {
  if (path.value !== location.pathname) {
    visit.abort();
    visit = new AbortController();
  }
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
  hash.value = location.hash;
}

/** Goes to an address of this UI; `replace` leaves no trace in the history. */
export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  const samePage = path.value === location.pathname;
  arrive();
  if (!samePage) scrollTo(0, 0);
}

/** Changes some parameters of the query in place; null or '' removes one. Filters live here, so an address can be shared. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const next = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  go(location.pathname + (text === '' ? '' : `?${text}`) + location.hash, { replace: true });
}

/** Lets links of the UI stay in it, and loads a page's code when the pointer comes near its link. */
export function followLinks(): void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    const link = linkOf(event);
    if (link === null || event.button !== 0 || event.defaultPrevented) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target !== '' || link.hasAttribute('download') || pageAt(link.pathname) === null) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
  document.addEventListener('pointerover', (event) => {
    const link = linkOf(event);
    if (link !== null) void pageAt(link.pathname)?.page.load();
  });
}

function linkOf(event: Event): HTMLAnchorElement | null {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  return link !== null && link.href !== '' && link.origin === location.origin ? link : null;
}
