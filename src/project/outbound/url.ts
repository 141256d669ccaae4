import type { Target } from './policy.ts';

/** An address that may be asked for, apart from where it leads. */
export interface OutboundUrl extends Target {
  url: URL;
  secure: boolean;
  /** Value of `Authorization` from the user and password in the URL; null without. */
  authorization: string | null;
}

/**
 * Reads a URL strictly; null for one that no request is made to: another scheme, spaces or control characters (which
 * the URL parser would silently drop), no host, port 0. All spellings of an IPv4 address become one (security NET-2).
 */
export function readOutboundUrl(text: string): OutboundUrl | null {
  if (/[\p{Cc}\s\\]/u.test(text) || !/^https?:\/\/[^/]/i.test(text)) return null;
  const url = URL.parse(text);
  if (url === null) return null;
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === '' || port === 0) return null;
  return { url, secure, host, port, authorization: authorizationOf(url) };
}

function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const text = `${decode(username)}:${decode(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
