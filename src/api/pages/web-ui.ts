import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Encryption } from '../../project/encryption.ts';
import type { Answer } from '../route.ts';
import { cookieOf, csrfToken, setCookie, strangersCookie } from '../session-cookie.ts';
import { plainPage } from './plain-page.ts';

/** The one policy for pages (security WEB-5): nothing from outside, no script or style within the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const CSRF_META = '<meta name="csrf-token" content="">';

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};

export interface WebUi {
  /** What `npm run build:web` made; it need not be there. */
  directory: string;
  encryption: Encryption;
}

/**
 * Answers GET of a page or of a file of the web UI, null for anything else. Every page is the same document: what it may
 * show is decided by the API that it calls, so that nothing is told here of what exists.
 */
export async function webPage(
  ui: WebUi,
  request: IncomingMessage,
  path: string,
  baseUrl: string,
): Promise<Answer | null> {
  const file = /^\/(assets\/)?([\w-][\w.-]*)$/.exec(path);
  const extension = file?.[2]?.split('.').at(-1) ?? '';
  if (file !== null && TYPES[extension] !== undefined) {
    return await webFile(ui, request, `${file[1] ?? ''}${file[2]}`, TYPES[extension]);
  }
  return isPage(path) ? await page(ui, request, baseUrl) : null;
}

/** Paths of repositories belong to git, and those of other programs' protocols to nobody. */
function isPage(path: string): boolean {
  return !/^\/(assets|oauth|\.well-known)(\/|$)|\.git(\/|$)|\/info\/refs$|\/git-[\w-]+$/.test(path);
}

async function page(ui: WebUi, request: IncomingMessage, baseUrl: string): Promise<Answer> {
  const known = cookieOf(request, baseUrl);
  const cookie = known ?? strangersCookie();
  const html = (await readIfThere(join(ui.directory, 'index.html')))?.toString() ?? plainPage(baseUrl);
  const token = csrfToken(ui.encryption, cookie);
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': POLICY,
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      ...(baseUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
      ...(known === null ? { 'set-cookie': setCookie(cookie, baseUrl) } : {}),
    },
    body: html.replace(CSRF_META, `<meta name="csrf-token" content="${token}">`),
  };
}

/** A file as the build left it, in the smallest form that the client takes. Hashed ones never change. */
async function webFile(
  ui: WebUi,
  request: IncomingMessage,
  name: string,
  type: string,
): Promise<Answer | null> {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const hashed = name.startsWith('assets/');
  const headers = {
    'content-type': type,
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    vary: 'Accept-Encoding',
  };
  for (const [encoding, suffix] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    if (!new RegExp(`\\b${encoding}\\b(?!;q=0(\\.0*)?(,|$))`).test(accepted)) continue;
    const body = await readIfThere(join(ui.directory, name + suffix));
    if (body !== null) return { status: 200, headers: { ...headers, 'content-encoding': encoding }, body };
  }
  const body = await readIfThere(join(ui.directory, name));
  return body === null ? null : { status: 200, headers, body };
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
