import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller } from '../project/caller.ts';
import { instanceSettings } from '../project/instance-settings.ts';
import { authenticate, showsCredential } from './authenticate.ts';
import { fieldsOfForm, MAX_ANONYMOUS_BODY_BYTES, MAX_BODY_BYTES, readFields } from './body.ts';
import { Refused, refuse } from './errors.ts';
import { isMonitor } from './monitors.ts';
import type { Fields } from './nested-form.ts';
import { parseInput } from './parse-input.ts';
import { climbs } from './path-guard.ts';
import { RateLimits } from './rate-limit.ts';
import { redact } from './redact.ts';
import type { Rooms } from './rooms.ts';
import type { Answer, Call, Route } from './route.ts';
import { type PathParams, Router } from './router.ts';

export interface HttpOptions {
  /** Milliseconds; a test moves it. */
  clock?: () => number;
  /** Calls a minute by bucket, instead of what the routes say; 0 is no limit. */
  rateLimits?: Readonly<Record<string, number>>;
  /** Proxies whose `X-Forwarded-*` headers are believed (security LIM-3). */
  trustedProxies?: string[];
  /** Answers GET and HEAD outside /api where no route does: the web UI's files. */
  fallback?: (request: IncomingMessage, path: string) => Promise<Answer | null>;
}

const ANONYMOUS: Caller = { kind: 'anonymous' };

/** Headers of every answer (jobs-api 1.1). */
const COMMON_HEADERS = { 'x-frame-options': 'SAMEORIGIN', 'x-content-type-options': 'nosniff' };

/** The HTTP server with these routes, not yet listening. */
export function buildHttp(
  rooms: Rooms,
  routes: readonly Route[],
  options: HttpOptions = {},
): FastifyInstance {
  const server = fastify({
    logger: false,
    trustProxy: options.trustedProxies ?? false,
    forceCloseConnections: 'idle', // what is under way is answered; `server.ts` sets the limit
    keepAliveTimeout: 75_000,
    requestTimeout: 0, // an upload may take long; bodies that we read ourselves have their own limit
    http: { headersTimeout: 30_000, maxHeaderSize: 32 * 1024 },
    routerOptions: { maxParamLength: 32 * 1024 },
    // A path that fastify's own router cannot decode comes here: it goes the same way as all others.
    frameworkErrors: (_error, request, reply) =>
      void answerRequest(request as FastifyRequest, reply as FastifyReply),
  });
  const answerRequest = answerer(rooms, new Router(routes), options);
  // Everything happens before fastify looks at the body: GitLab's rules for bodies are ours to apply.
  server.addHook('onRequest', answerRequest);
  server.all('/*', async () => undefined);
  return server;
}

function answerer(rooms: Rooms, router: Router, options: HttpOptions) {
  const clock = options.clock ?? Date.now;
  const limits = new RateLimits(options.rateLimits);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const requestId = randomUUID();
    const now = clock();
    const startedAt = performance.now();
    const [path, query] = splitUrl(request.raw.url ?? '/');
    let answer: Answer;
    try {
      answer = await answerTo({ rooms, router, limits, options, request, reply, path, query, now });
    } catch (error) {
      answer = error instanceof Refused ? error.answer : failed(rooms, error, requestId);
    }
    const { method } = request.raw;
    const ms = performance.now() - startedAt;
    rooms.metrics.noteRequest(method ?? 'GET', answer.status, ms / 1000);
    rooms.logger.debug({ method, path: redact(path), status: answer.status, ms, requestId }, 'request');
    return send(reply, answer, { method: method ?? 'GET', requestId, path });
  };
}

interface Arrival {
  rooms: Rooms;
  router: Router;
  limits: RateLimits;
  options: HttpOptions;
  request: FastifyRequest;
  reply: FastifyReply;
  path: string;
  query: string;
  now: number;
}

async function answerTo(arrival: Arrival): Promise<Answer> {
  const { router, request, path, options } = arrival;
  if (climbs(path)) throw refuse.pathTraversal();
  const method = request.raw.method ?? 'GET';
  const found = router.find(method, path);
  switch (found.kind) {
    case 'route':
      return await callRoute(arrival, found.route, found.params);
    case 'method':
      throw refuse.methodNotAllowed(found.allowed);
    case 'malformed':
      throw refuse.badRequest();
    case 'none':
      break;
  }
  if (path === '/api/v3' || path.startsWith('/api/v3/')) throw refuse.apiV3();
  if (path === '/api' || path.startsWith('/api/')) throw refuse.unknownRoute();
  const reads = method === 'GET' || method === 'HEAD';
  const page = reads ? ((await options.fallback?.(request.raw, path)) ?? null) : null;
  if (page === null) throw refuse.unknownPage();
  return page;
}

/** Credentials, then parameters, then the rate limit, then the handler (jobs-api 1.2). */
async function callRoute(arrival: Arrival, route: Route, pathParams: PathParams): Promise<Answer> {
  const { rooms, limits, request, reply, path, now } = arrival;
  const { access } = route;
  if (access.by === 'monitoring' && !isMonitor(request.ip)) throw refuse.unknownPage();
  const fields = await receive(arrival, route, pathParams);
  const caller =
    access.by === 'user' ? await authenticate(rooms, access, request.raw, fields, now) : ANONYMOUS;
  const parsed = parseInput(route.input, route.rules ?? [], fields);
  if (!parsed.ok) throw refuse.invalidParameters(parsed.errors);
  if (route.rateLimit !== undefined) {
    const { bucket, perMinute, setting } = route.rateLimit;
    const limit = setting === undefined ? perMinute : (await instanceSettings(rooms.db.read))[setting];
    limits.take(bucket, caller.kind === 'anonymous' ? request.ip : `u${caller.user.id}`, limit, now);
  }
  let controller: AbortController | undefined;
  const call: Call = {
    params: parsed.params,
    received: parsed.received,
    path,
    caller,
    rooms,
    now,
    baseUrl: rooms.settings.url ?? ownUrl(request),
    request: request.raw,
    ip: request.ip,
    get signal() {
      controller ??= abortOnClose(reply);
      return controller.signal;
    },
  };
  return await route.handle(call);
}

/** Query, then body, then path: the later one wins, as in Grape (surrounding-api 0.2). */
async function receive(arrival: Arrival, route: Route, pathParams: PathParams): Promise<Fields> {
  const fields = fieldsOfForm(arrival.query);
  if (route.body !== 'stream') {
    const { raw } = arrival.request;
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

function ownUrl(request: FastifyRequest): string {
  const host = /^[\w.:[\]-]+$/.test(request.host) ? request.host : 'localhost';
  return `${request.protocol}://${host}`;
}

function abortOnClose(reply: FastifyReply): AbortController {
  const controller = new AbortController();
  const { raw } = reply;
  const abort = () => {
    if (!raw.writableFinished) controller.abort();
  };
  if (raw.destroyed) abort();
  else raw.once('close', abort);
  return controller;
}

/** The failure goes to the log, without secrets; the client gets a constant and the id to ask with. */
function failed(rooms: Rooms, error: unknown, requestId: string): Answer {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  rooms.logger.error({ requestId, error: redact(text) }, 'request failed');
  return refuse.internal().answer;
}

function send(
  reply: FastifyReply,
  answer: Answer,
  about: { method: string; requestId: string; path: string },
): FastifyReply {
  const { status, headers = {}, body } = answer;
  reply.code(status).headers(COMMON_HEADERS).header('x-request-id', about.requestId).headers(headers);
  if (body === undefined || status === 204 || status === 304) return reply.send();
  if (body instanceof Readable) return sendStream(reply, body, about.method);
  const bytes = bytesOf(body);
  if (headers['content-type'] === undefined) reply.header('content-type', typeOf(body));
  if (about.method !== 'HEAD') return reply.send(bytes);
  reply.header('content-length', String(bytes.length));
  return reply.send();
}

function sendStream(reply: FastifyReply, body: Readable, method: string): FastifyReply {
  if (method !== 'HEAD') return reply.send(body);
  body.destroy();
  return reply.send();
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function typeOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return 'application/octet-stream';
  return typeof body === 'string' ? 'text/plain' : 'application/json';
}
