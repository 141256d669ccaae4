/**
 * Every status and body with which the API refuses, in one list (jobs-api 1.1, rest-resources 0.2). A handler says
 * `throw refuse.notFound('Job')`; `http.ts` sends it. Texts are GitLab's, byte for byte.
 */
import type { Answer } from './route.ts';

/** Thrown by handlers to answer with something other than success; never logged as a failure. */
export class Refused extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

type Headers = Record<string, string>;

function message(status: number, body: unknown, headers: Headers = {}): Refused {
  return new Refused({ status, body: { message: body }, headers });
}

function error(status: number, text: string, headers: Headers = {}): Refused {
  return new Refused({ status, body: { error: text }, headers });
}

function text(status: number, body: string, headers: Headers = {}): Refused {
  return new Refused({ status, body, headers: { 'content-type': 'text/plain', ...headers } });
}

function oauth(status: number, code: string, description: string, scope?: string): Refused {
  const body = { error: code, error_description: description, ...(scope === undefined ? {} : { scope }) };
  return new Refused({ status, body });
}

export const refuse = {
  /** The token or session is missing where one is needed, unknown, or not usable. */
  unauthorized: (reason?: string) => message(401, withReason('401 Unauthorized', reason)),
  tokenExpired: () =>
    oauth(401, 'invalid_token', 'Token is expired. You can either do re-authorization or token refresh.'),
  tokenRevoked: () =>
    oauth(401, 'invalid_token', 'Token was revoked. You have to re-authorize from the user.'),
  insufficientScope: (scopes: readonly string[]) =>
    oauth(
      403,
      'insufficient_scope',
      'The request requires higher privileges than provided by the access token.',
      scopes.join(' '),
    ),
  /** Seen, but not allowed; with GitLab's reason where the contract has one. */
  forbidden: (reason?: string) => message(403, withReason('403 Forbidden', reason)),
  /** The password is right, but another must be chosen (rest-resources 2.1); a page sees by the mark that it is to ask for it. */
  passwordExpired: () =>
    new Refused({
      status: 403,
      body: {
        message: '403 Forbidden - Your password has expired. Send another as user[new_password].',
        password_expired: true,
      },
    }),
  /** A form that none of our pages sent, or one that was open for too long (security SES-2). */
  notOwnPage: () => message(422, 'The page you came from is out of date. Reload it and try again.'),
  badRequest: (reason?: string) => message(400, withReason('400 Bad request', reason)),
  /** "404 X Not Found" of a named thing, or "404 Not Found" without one. */
  notFound: (what?: string) => message(404, what === undefined ? '404 Not Found' : `404 ${what} Not Found`),
  /** A record looked up by its id: small f. */
  recordNotFound: () => message(404, '404 Not found'),
  unknownRoute: () => error(404, '404 Not Found'),
  /** Outside /api a stranger gets plain text. */
  unknownPage: () => text(404, '404 Not Found\n'),
  methodNotAllowed: (allowed: readonly string[]) =>
    error(405, '405 Not Allowed', { allow: allowed.join(', ') }),
  /** Refused by code, whatever the method: a token of the wrong kind. */
  notAllowed: () => message(405, '405 Method Not Allowed'),
  movedProject: () => message(405, 'Non GET methods are not allowed for moved projects'),
  moved: (location: string) =>
    text(301, `This resource has been moved permanently to ${location}.`, { location }),
  keysetUnavailable: () => error(405, 'Keyset pagination is not yet available for this type of request'),
  offsetTooLarge: (maximum: number, type: string) =>
    error(
      405,
      `Offset pagination has a maximum allowed offset of ${maximum} for requests that return objects of type ${type}. Remaining records can be retrieved using keyset pagination.`,
    ),
  resourceLocked: () => message(409, '409 Conflict: Resource lock'),
  /** A conflict raised with its own text. */
  conflict: (what: string) => message(409, what),
  apiV3: () => error(410, 'API V3 is no longer supported. Use API V4 instead.'),
  gone: (reason: string) => message(410, withReason('410 Gone', reason)),
  /** What there is not, and who might change it. */
  notImplemented: (what: string) => message(501, what),
  preconditionFailed: () => message(412, '412 Precondition Failed'),
  bodyTooLarge: () => error(413, '413 Request Entity Too Large'),
  unsupportedType: (type: string) => error(415, `The provided content-type '${type}' is not supported.`),
  /** A trace chunk that says not where it begins, or begins elsewhere than the stored bytes end (runner-api 4). */
  contentRangeMissing: (headers: Headers) => error(400, '400 Missing header Content-Range', headers),
  wrongOffset: (size: number, headers: Headers) =>
    error(416, '416 Range Not Satisfiable', { range: `0-${size}`, ...headers }),
  /** A `Range` of a download that lies outside of it. */
  rangeNotSatisfiable: (size: number) =>
    error(416, '416 Range Not Satisfiable', { 'content-range': `bytes */${size}` }),
  artifactTooLarge: () => message(413, 'file size has reached maximum size limit'),
  artifactExists: () => message(400, 'another artifact of the same type already exists'),
  /** The disk is full, or fails; nothing was acknowledged (runner-api 5, security REL-13). */
  storageFull: () =>
    message(503, '503 Service Unavailable - No space left on the server', { 'retry-after': '5' }),
  storageFailed: () => message(503, '503 Service Unavailable'),
  /** Nobody is refused, and nothing lost, while the database is away (security REL-11). */
  databaseAway: () =>
    message(503, '503 Service Unavailable - The database does not answer', { 'retry-after': '5' }),
  /** Refusals of the parameter validator, joined as GitLab does. */
  invalidParameters: (texts: readonly string[]) => error(400, texts.join(', ')),
  malformedBody: () => error(400, 'message body does not match declared format'),
  /** A record refused the values: texts by field, `base` for the whole. */
  invalid: (fields: Record<string, readonly string[]>) => message(400, fields),
  /** The same where somebody else has what was asked for: a fork's name. */
  conflictingValues: (fields: Record<string, readonly string[]>) => message(409, fields),
  /** Refused with one text that stands alone as the message. */
  badRequestText: (what: string) => message(400, what),
  unprocessable: (what: string | readonly string[] | Record<string, readonly string[]>) => message(422, what),
  /** A record refused the values, where the answer is 422 and not 400 (webhooks). */
  unprocessableValues: (fields: Record<string, readonly string[]>) => message(422, fields),
  unprocessableError: (what: string) => error(422, what),
  projectLimit: (what: string) => new Refused({ status: 403, body: { error: [what] } }),
  pathTraversal: () => text(400, 'Potential path traversal attempt detected'),
  tooManyRequests: (retryAfterSeconds: number, headers: Headers = {}) =>
    message(
      429,
      { error: 'This endpoint has been requested too many times. Try again later.' },
      { 'retry-after': String(retryAfterSeconds), ...headers },
    ),
  /** More calls than the throttle of the whole API lets through. */
  throttled: (retryAfterSeconds: number, headers: Headers = {}) =>
    text(429, 'Retry later\n', { 'retry-after': String(retryAfterSeconds), ...headers }),
  /** A schedule cannot be played. */
  notScheduled: () => message(500, 'Unable to schedule pipeline run immediately'),
  /** The body of every unexpected failure: constant, whatever went wrong. */
  internal: () => message(500, '500 Internal Server Error'),
};

function withReason(status: string, reason: string | undefined): string {
  return reason === undefined ? status : `${status} - ${reason}`;
}
