import { lookup } from 'node:dns/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { InstanceSettings } from './instance-settings.ts';
import { BodyTooLarge, type ExchangeAnswer, exchange } from './outbound/exchange.ts';
import { mayConnect, type OutboundPolicy } from './outbound/policy.ts';
import { type OutboundUrl, readOutboundUrl } from './outbound/url.ts';

export type { OutboundPolicy } from './outbound/policy.ts';

/** Milliseconds, unless a request says otherwise (security NET-4). */
const CONNECT_MILLISECONDS = 5_000;
const TOTAL_MILLISECONDS = 20_000;
const MAX_REDIRECTS = 3;

/** A request of this server to another one. */
export interface OutboundRequest {
  url: string;
  /** GET when absent. */
  method?: 'GET' | 'POST' | 'PUT';
  /** Their names are ours, never a user's unless checked; `host` is not to be given. */
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
  /** Bytes of the answer's body, after inflation. */
  maxBytes: number;
  /** Whether up to three redirects are followed, each checked anew; only for GET. */
  followRedirects?: boolean;
  connectMilliseconds?: number;
  totalMilliseconds?: number;
  /** Whether a certificate must be good; it must when absent. */
  verifyCertificate?: boolean;
}

/** Why there is no answer; that is all a user may learn (security NET-6). */
export type OutboundFailure = 'blocked' | 'unreachable' | 'too_large';

export type OutboundResult =
  | { ok: true; status: number; headers: IncomingHttpHeaders; body: Buffer }
  | { ok: false; reason: OutboundFailure };

/** Addresses of a host name; the system's resolver, but for tests. */
export type Resolve = (host: string) => Promise<string[]>;

/** What the administrator lets requests reach; GitLab has one setting for web hooks, services and includes. */
export function outboundPolicy(settings: InstanceSettings): OutboundPolicy {
  return {
    allowLocal: settings.allow_local_requests_from_web_hooks_and_services,
    allowlist: settings.outbound_local_requests_whitelist,
  };
}

/**
 * The one way out of this server (security NET-1 to NET-6): http and https only; a name is resolved once, every address
 * must be allowed, and only these are connected to; redirects are checked like the first request and get no credentials
 * of another host. Never throws: whatever goes wrong outside is a reason.
 */
export async function sendOutbound(
  request: OutboundRequest,
  policy: OutboundPolicy,
  resolve: Resolve = resolveByDns,
): Promise<OutboundResult> {
  const signal = AbortSignal.timeout(request.totalMilliseconds ?? TOTAL_MILLISECONDS);
  try {
    return await follow(request, policy, resolve, signal);
  } catch (error) {
    return { ok: false, reason: error instanceof BodyTooLarge ? 'too_large' : 'unreachable' };
  }
}

async function follow(
  request: OutboundRequest,
  policy: OutboundPolicy,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<OutboundResult> {
  let place = readOutboundUrl(request.url);
  let headers = request.headers ?? {};
  for (let redirects = 0; place !== null; redirects += 1) {
    const addresses = await within(signal, allowedAddresses(place, policy, resolve));
    if (addresses === null) break;
    const answer = await exchange({
      place,
      addresses,
      method: request.method ?? 'GET',
      headers: withDefaults(headers, place),
      body: request.body ?? null,
      maxBytes: request.maxBytes,
      connectMilliseconds: request.connectMilliseconds ?? CONNECT_MILLISECONDS,
      verifyCertificate: request.verifyCertificate ?? true,
      signal,
    });
    const location = redirectOf(answer, request, redirects);
    if (location === null) return { ok: true, ...answer };
    const next: OutboundUrl | null = readOutboundUrl(URL.parse(location, place.url)?.href ?? '');
    // Another host gets none of the headers: any of them may be a credential.
    if (next?.url.origin !== place.url.origin) headers = {};
    place = next;
  }
  return { ok: false, reason: 'blocked' };
}

/**
 * Whether a request to this URL could be sent at all, as far as that can be told without asking for its addresses: for what
 * somebody wants to store. `sendOutbound` asks again, and for everything.
 */
export function isOutboundUrl(url: string, policy: OutboundPolicy): boolean {
  const place = readOutboundUrl(url);
  if (place === null) return false;
  const address = /(^|\.)localhost$/.test(place.host) ? '127.0.0.1' : place.host;
  return isIP(address) === 0 || mayConnect(policy, place, address);
}

/** The addresses of a place, or null when one of them is forbidden. Throws when there is none. */
async function allowedAddresses(
  place: OutboundUrl,
  policy: OutboundPolicy,
  resolve: Resolve,
): Promise<string[] | null> {
  const addresses = isIP(place.host) === 0 ? await resolve(place.host) : [place.host];
  if (addresses.length === 0) throw new Error('the name has no address');
  return addresses.every((address) => mayConnect(policy, place, address)) ? addresses : null;
}

async function resolveByDns(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** A resolver cannot be stopped, only left alone. */
async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function withDefaults(headers: Readonly<Record<string, string>>, place: OutboundUrl): Record<string, string> {
  return {
    'user-agent': 'Teaspoon',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    ...(place.authorization === null ? {} : { authorization: place.authorization }),
    ...headers,
  };
}

/** Where an answer sends a request that follows; null for an answer that is to be given. */
function redirectOf(answer: ExchangeAnswer, request: OutboundRequest, redirects: number): string | null {
  if (request.followRedirects !== true || (request.method ?? 'GET') !== 'GET') return null;
  if (![301, 302, 303, 307, 308].includes(answer.status) || redirects >= MAX_REDIRECTS) return null;
  return answer.headers.location ?? null;
}
