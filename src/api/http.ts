import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Caller } from '../project/caller.ts';
import { actOf } from './audit/acts.ts';
import { auditedRooms } from './audit/note.ts';
import { authenticate, showsCredential } from './authenticate.ts';
import { fieldsOfForm, MAX_ANONYMOUS_BODY_BYTES, MAX_BODY_BYTES, readFields } from './body.ts';
import { Refused, refuse } from './errors.ts';
import { isMonitor } from './monitors.ts';
import type { Fields } from './nested-form.ts';
import { parseInput } from './parse-input.ts';
import { climbs } from './path-guard.ts';
import { type Origin, ProxyTrust } from './proxy.ts';
import { RateLimits } from './rate-limit.ts';
import { redact } from './redact.ts';
import type { Rooms } from './rooms.ts';
import type { Answer, Call, Route } from './route.ts';
import { type PathParams, Router } from './router.ts';
import { Throttle } from './throttle.ts';

export interface HttpOptions {
  /** Milliseconds; a test moves it. */
  clock?: () => number;
  /** Calls a minute by bucket, instead of what the routes say; 0 is no limit. */
  rateLimits?: Readonly<Record<string, number>>;
  /** Proxies whose `X-Forwarded-*` headers are believed (security LIM-3). */
  trustedProxies?: readonly string[];
  /** Answers GET and HEAD outside /api where no route does: the web UI's files. */
  fallback?: (request: IncomingMessage, path: string, baseUrl: string) => Promise<Answer | null>;
}

const ANONYMOUS: Caller = { kind: 'anonymous' };

/** Bad tokens of runners that one address is told of. */
const BAD_RUNNER_TOKENS = { bucket: 'runner_tokens', perMinute: 60, status: 403 };

/** Headers of every answer (jobs-api 1.1). */
const COMMON_HEADERS = { 'x-frame-options': 'SAMEORIGIN', 'x-content-type-options': 'nosniff' };

/** A server on node's own http: the rules for paths, bodies and answers are GitLab's, so nothing comes between. */
export interface HttpServer {
  readonly server: Server;
  /** Rejects with the error of the system when the address cannot be had. */
  listen(address: { host: string; port: number }): Promise<void>;
  /** Takes no more connections, ends idle ones, and resolves when what is under way is answered. */
  close(): Promise<void>;
}

/** The HTTP server with these routes, not yet listening. */
export function buildHttp(rooms: Rooms, routes: readonly Route[], options: HttpOptions = {}): HttpServer {
  let ending = false;
  const answer = answerer(rooms, new Router(routes), options, () => ending);
  const server = createServer(
    {
      headersTimeout: 30_000,
      requestTimeout: 0, // an upload may take long; bodies that we read ourselves have their own limit
      keepAliveTimeout: 75_000,
      maxHeaderSize: 32 * 1024,
      noDelay: true,
    },
    (request, response) => void answer(request, response),
  );
  return {
    server,
    listen: async ({ host, port }) => {
      server.listen(port, host);
      await once(server, 'listening');
    },
    close: async () => {
      if (!server.listening) return;
      ending = true;
      server.close();
      await once(server, 'close');
    },
  };
}

function answerer(rooms: Rooms, router: Router, options: HttpOptions, isEnding: () => boolean) {
  const clock = options.clock ?? Date.now;
  const limits = new RateLimits(options.rateLimits);
  const throttle = new Throttle(rooms.db, limits);
  const proxies = new ProxyTrust(options.trustedProxies);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomUUID();
    const now = clock();
    const startedAt = performance.now();
    const [path, query] = splitUrl(request.url ?? '/');
    let answer: Answer;
    try {
      answer = await answerTo({
        rooms,
        router,
        limits,
        throttle,
        options,
        request,
        response,
        origin: proxies.originOf(request),
        path,
        query,
        now,
      });
    } catch (error) {
      answer = error instanceof Refused ? error.answer : failed(rooms, error, requestId);
    }
    // Whoever talks to a server that ends finds its successor on a new connection.
    if (isEnding()) response.shouldKeepAlive = false;
    const { method } = request;
    const ms = performance.now() - startedAt;
    rooms.metrics.noteRequest(method ?? 'GET', answer.status, ms / 1000);
    rooms.logger.debug({ method, path: redact(path), status: answer.status, ms, requestId }, 'request');
    send(response, answer, { method: method ?? 'GET', requestId });
  };
}

interface Arrival {
  rooms: Rooms;
  router: Router;
  limits: RateLimits;
  throttle: Throttle;
  options: HttpOptions;
  request: IncomingMessage;
  response: ServerResponse;
  origin: Origin;
  path: string;
  query: string;
  now: number;
}

async function answerTo(arrival: Arrival): Promise<Answer> {
  const { rooms, router, request, origin, path, options } = arrival;
  if (climbs(path)) throw refuse.pathTraversal();
  const method = request.method ?? 'GET';
  const found = router.find(method, path);
  switch (found.kind) {
    case 'route':
      return callRoute(arrival, found.route, found.params);
    case 'malformed':
      throw refuse.badRequest();
    case 'method':
    case 'none':
      break;
  }
  const inApi = path === '/api' || path.startsWith('/api/');
  if ((method === 'GET' || method === 'HEAD') && !inApi) {
    const page = await options.fallback?.(request, path, baseUrlOf(rooms, origin));
    if (page) return page;
  }
  if (found.kind === 'method') throw refuse.methodNotAllowed(found.allowed);
  if (path === '/api/v3' || path.startsWith('/api/v3/')) throw refuse.apiV3();
  throw inApi ? refuse.unknownRoute() : refuse.unknownPage();
}

/** Credentials, then parameters, then the rate limit, then the handler (jobs-api 1.2). */
async function callRoute(arrival: Arrival, route: Route, pathParams: PathParams): Promise<Answer> {
  const { rooms, request, response, origin, path, now } = arrival;
  const { access } = route;
  if (access.by === 'monitoring' && !isMonitor(origin.ip)) throw refuse.unknownPage();
  const fields = await receive(arrival, route, pathParams);
  const baseUrl = baseUrlOf(rooms, origin);
  const caller =
    access.by === 'user' ? await authenticate(rooms, access, request, fields, baseUrl, now) : ANONYMOUS;
  if (access.by === 'user') await arrival.throttle.take(caller, origin.ip, now);
  const parsed = parseInput(route.input, route.rules ?? [], fields);
  if (!parsed.ok) throw refuse.invalidParameters(parsed.errors);
  let controller: AbortController | undefined;
  const call: Call = {
    params: parsed.params,
    received: parsed.received,
    path,
    caller,
    rooms,
    now,
    baseUrl,
    request,
    ip: origin.ip,
    get signal() {
      controller ??= abortOnClose(response);
      return controller.signal;
    },
  };
  if (route.rateLimit !== undefined) await arrival.throttle.takeOne(route.rateLimit, call);
  const act = actOf(route);
  if (act !== undefined) call.rooms = await auditedRooms(act, { route, call, given: fields });
  // Not awaited here: a request may be held long, and need not hold what it sent.
  return handled(arrival, route, call);
}

async function handled({ limits, origin, now }: Arrival, route: Route, call: Call): Promise<Answer> {
  const told = route.refusalLimit ?? (route.access.by === 'runner' ? BAD_RUNNER_TOKENS : null);
  if (told === null) return route.handle(call);
  return route.handle(call).catch((error: unknown) => {
    const refused = error instanceof Refused && error.answer.status === told.status;
    if (refused) limits.take(told.bucket, origin.ip, told.perMinute, now);
    throw error;
  });
}

/** External base URL: the setting, or made from the request's Host. */
function baseUrlOf({ settings }: Rooms, origin: Origin): string {
  return settings.url ?? origin.baseUrl;
}

/** Query, then body, then path: the later one wins, as in Grape (surrounding-api 0.2). */
async function receive(arrival: Arrival, route: Route, pathParams: PathParams): Promise<Fields> {
  const fields = fieldsOfForm(arrival.query);
  if (route.body !== 'stream') {
    const { request: raw } = arrival;
    const anonymous = route.access.by === 'user' && !showsCredential(raw, fields);
    const maxBytes = route.maxBodyBytes ?? MAX_BODY_BYTES;
    Object.assign(
      fields,
      await readFields(raw, anonymous ? Math.min(maxBytes, MAX_ANONYMOUS_BODY_BYTES) : maxBytes),
    );
  }
  return Object.assign(fields, pathParams);
}

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  const [path, query] = mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  // The absolute form that a proxy sends.
  return [path.startsWith('/') ? path : path.replace(/^https?:\/\/[^/]*/i, '') || '/', query];
}

function abortOnClose(response: ServerResponse): AbortController {
  const controller = new AbortController();
  const abort = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.destroyed) abort();
  else response.once('close', abort);
  return controller;
}

/** The failure goes to the log, without secrets; the client gets a constant and the id to ask with, or when to try again. */
function failed(rooms: Rooms, error: unknown, requestId: string): Answer {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  rooms.logger.error({ requestId, error: redact(text) }, 'request failed');
  switch (rooms.db.capabilities.classify(error)) {
    case 'unreachable':
      return refuse.databaseAway().answer;
    case 'full':
      return refuse.storageFull().answer;
    default:
      return refuse.internal().answer;
  }
}

function send(response: ServerResponse, answer: Answer, about: { method: string; requestId: string }): void {
  const { status, headers = {}, body } = answer;
  const all: Record<string, string> = { ...COMMON_HEADERS, 'x-request-id': about.requestId, ...headers };
  if (body === undefined || status === 204 || status === 304) {
    if (status !== 204 && status !== 304) all['content-length'] = '0';
    end(response.writeHead(status, all));
  } else if (body instanceof Readable) {
    sendStream(response, status, all, body, about.method);
  } else {
    const bytes = bytesOf(body);
    all['content-type'] ??= typeOf(body);
    all['content-length'] = String(bytes.length);
    end(response.writeHead(status, all), about.method === 'HEAD' ? undefined : bytes);
  }
}

/** How long an answered client may go on sending, milliseconds. */
const LINGER_MS = 5000;

/**
 * Ends an answer. While the client still sends, what it sends is read and dropped, and only then, or after a while, the
 * connection may close: a client that finds it closed while it sends may never see the answer.
 */
function end(response: ServerResponse, bytes?: Buffer): void {
  const { req: request } = response;
  if (request.complete || request.destroyed) {
    response.end(bytes);
    return;
  }
  if (bytes === undefined) response.flushHeaders();
  else response.write(bytes);
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref();
  request.once('close', () => {
    clearTimeout(timer);
    response.end();
  });
  request.resume();
}

/** A stream that fails in the middle ends the connection: the client sees that something is missing. */
function sendStream(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Readable,
  method: string,
): void {
  response.writeHead(status, headers);
  if (method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  pipeline(body, response, () => {});
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function typeOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return 'application/octet-stream';
  return typeof body === 'string' ? 'text/plain' : 'application/json';
}
