import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Caller } from '../project/caller.ts';
import type { Input, InputRule, InputShape } from './input.ts';
import type { Rooms } from './rooms.ts';

/**
 * Who may call a route, checked before its handler runs; what a caller may do with the object it names is asked by
 * the handler through `project/authorize.ts`. Every route states it: the type demands it and a test walks the list.
 */
export type Access =
  /** Everybody, no credential is even looked at (health, OIDC discovery). */
  | { by: 'anyone' }
  /** Addresses on the monitoring allowlist, loopback by default; others get 404. */
  | { by: 'monitoring' }
  /** A user's credential; `anonymous: true` also lets callers without one in (a bad one is 401 all the same). */
  | {
      by: 'user';
      anonymous?: true;
      admin?: true;
      /** Token scopes that open the route beyond `api` (and `read_api` for GET and HEAD). */
      scopes?: readonly string[];
      /** The route also takes a job token (jobs-api 1.4). */
      jobToken?: true;
    }
  /** The handler checks a runner's, a job's or a trigger's token itself, by the runner protocol. */
  | { by: 'runner' }
  | { by: 'job' }
  | { by: 'trigger' }
  /** HTTP Basic as git sends it. */
  | { by: 'git' };

/** Everything a handler is given. */
export interface Call<P = Record<string, unknown>> {
  /** Path, query and body parameters, merged, coerced and validated by the route's `input`. */
  params: P;
  /** All that was received, declared or not, with applied defaults: what `Link` headers repeat. */
  received: Readonly<Record<string, unknown>>;
  /** Path of the request as it came, percent-encoded, without its query. */
  path: string;
  caller: Caller;
  rooms: Rooms;
  /** Milliseconds. */
  now: number;
  /** External base URL without a trailing slash: the setting, or made from the request's Host. */
  baseUrl: string;
  /** The raw request: headers, and the unread body of a route with `body: 'stream'`. */
  request: IncomingMessage;
  /** Address of the client. */
  ip: string;
  /** Aborted when the client goes away before it is answered. */
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string or Buffer is sent as it is, a stream is piped, anything else (null and booleans too) as JSON; absent means no body. */
  body?: unknown;
}

/** Instance settings that say how many calls a route takes in a minute (security LIM-3). */
export type RateSetting =
  | 'project_jobs_api_rate_limit'
  | 'runner_jobs_request_api_limit'
  | 'runner_jobs_patch_trace_api_limit'
  | 'runner_jobs_endpoints_api_limit'
  | 'ci_lint_limit_per_user'
  | 'web_hook_test_limit'
  | 'web_hook_event_resend_limit'
  | 'raw_artifact_request_limit';

/** `bucket` names the limit; routes with the same name share it. */
export interface RateLimit {
  bucket: string;
  /** Calls, or the setting that says how many; 0 is no limit. */
  perMinute: number | RateSetting;
  /** Whose calls are counted together where it is not the user, or the address without one; refuses as the handler does. */
  by?: (call: Call) => string | Promise<string>;
}

export interface Route<S extends InputShape = InputShape> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** `:name` is one segment, still percent-encoded slashes allowed in it; `*name` takes slashes too, as many as it can. A literal may follow a name: `*project.git`. */
  path: string;
  access: Access;
  input: S;
  /** Rules over several parameters. */
  rules?: readonly InputRule[];
  /** `stream`: the handler reads the body itself; only path and query are merged. */
  body?: 'stream';
  /** Largest body in bytes where the usual one (`body.ts`) does not suit. */
  maxBodyBytes?: number;
  /** Refusals with this status that one address is told of in a minute (security RUN-3, SES-5); what is not refused always passes. */
  refusalLimit?: { bucket: string; perMinute: number; status: number };
  /** Calls a minute that are let through (jobs-api 2.3, security LIM-3). */
  rateLimit?: RateLimit;
  handle(call: Call<Input<S>>): Promise<Answer>;
}

/** Keeps the parameter types of a route's `input` in its handler, then forgets them for the list in `routes.ts`. */
export function route<const S extends InputShape>(definition: Route<S>): Route {
  return definition as unknown as Route;
}

/** 200 with a JSON body, or the given status. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return { status, body, headers };
}

/** 204 without a body. */
export const noContent: Answer = { status: 204 };

/** A body that is streamed, with its headers. */
export function stream(body: Readable | Buffer, headers: Record<string, string>, status = 200): Answer {
  return { status, headers, body };
}
