import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { refuse } from './errors.ts';
import type { Answer } from './route.ts';

type Builder = (...args: unknown[]) => { answer: Answer };

/** Every refusal, with the arguments that show it best, and its status and body to the byte. */
const EXPECTED: Record<string, [args: unknown[], status: number, body: string | undefined]> = {
  unauthorized: [[], 401, '{"message":"401 Unauthorized"}'],
  tokenExpired: [
    [],
    401,
    '{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}',
  ],
  tokenRevoked: [
    [],
    401,
    '{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}',
  ],
  insufficientScope: [
    [['api', 'read_api']],
    403,
    '{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}',
  ],
  forbidden: [['Job is not retryable'], 403, '{"message":"403 Forbidden - Job is not retryable"}'],
  notOwnPage: [[], 422, '{"message":"The page you came from is out of date. Reload it and try again."}'],
  badRequest: [['Unplayable Job'], 400, '{"message":"400 Bad request - Unplayable Job"}'],
  notFound: [['Job'], 404, '{"message":"404 Job Not Found"}'],
  recordNotFound: [[], 404, '{"message":"404 Not found"}'],
  unknownRoute: [[], 404, '{"error":"404 Not Found"}'],
  unknownPage: [[], 404, '404 Not Found\n'],
  methodNotAllowed: [[['GET']], 405, '{"error":"405 Not Allowed"}'],
  notAllowed: [[], 405, '{"message":"405 Method Not Allowed"}'],
  movedProject: [[], 405, '{"message":"Non GET methods are not allowed for moved projects"}'],
  moved: [['http://x/1'], 301, 'This resource has been moved permanently to http://x/1.'],
  keysetUnavailable: [[], 405, '{"error":"Keyset pagination is not yet available for this type of request"}'],
  offsetTooLarge: [
    [50_000, 'Project'],
    405,
    '{"error":"Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Project. Remaining records can be retrieved using keyset pagination."}',
  ],
  conflict: [['Member already exists'], 409, '{"message":"Member already exists"}'],
  apiV3: [[], 410, '{"error":"API V3 is no longer supported. Use API V4 instead."}'],
  bodyTooLarge: [[], 413, '{"error":"413 Request Entity Too Large"}'],
  unsupportedType: [
    ['text/plain'],
    415,
    '{"error":"The provided content-type \'text/plain\' is not supported."}',
  ],
  invalidParameters: [[['a is missing', 'b is invalid']], 400, '{"error":"a is missing, b is invalid"}'],
  malformedBody: [[], 400, '{"error":"message body does not match declared format"}'],
  resourceLocked: [[], 409, '{"message":"409 Conflict: Resource lock"}'],
  preconditionFailed: [[], 412, '{"message":"412 Precondition Failed"}'],
  conflictingValues: [
    [{ name: ['has already been taken'] }],
    409,
    '{"message":{"name":["has already been taken"]}}',
  ],
  invalid: [[{ name: ['is invalid'] }], 400, '{"message":{"name":["is invalid"]}}'],
  badRequestText: [
    ['Project must be marked for deletion first.'],
    400,
    '{"message":"Project must be marked for deletion first."}',
  ],
  unprocessable: [['x'], 422, '{"message":"x"}'],
  projectLimit: [['x'], 403, '{"error":["x"]}'],
  pathTraversal: [[], 400, 'Potential path traversal attempt detected'],
  tooManyRequests: [
    [60],
    429,
    '{"message":{"error":"This endpoint has been requested too many times. Try again later."}}',
  ],
  passwordExpired: [
    [],
    403,
    '{"message":"403 Forbidden - Your password has expired. Send another as user[new_password].","password_expired":true}',
  ],
  throttled: [[60], 429, 'Retry later\n'],
  gone: [['x'], 410, '{"message":"410 Gone - x"}'],
  notImplemented: [['There is none.'], 501, '{"message":"There is none."}'],
  contentRangeMissing: [[{}], 400, '{"error":"400 Missing header Content-Range"}'],
  wrongOffset: [[5, {}], 416, '{"error":"416 Range Not Satisfiable"}'],
  rangeNotSatisfiable: [[5], 416, '{"error":"416 Range Not Satisfiable"}'],
  artifactTooLarge: [[], 413, '{"message":"file size has reached maximum size limit"}'],
  artifactExists: [[], 400, '{"message":"another artifact of the same type already exists"}'],
  storageFull: [[], 503, '{"message":"503 Service Unavailable - No space left on the server"}'],
  storageFailed: [[], 503, '{"message":"503 Service Unavailable"}'],
  databaseAway: [[], 503, '{"message":"503 Service Unavailable - The database does not answer"}'],
  unprocessableValues: [
    [{ custom_headers: ['is invalid'] }],
    422,
    '{"message":{"custom_headers":["is invalid"]}}',
  ],
  unprocessableError: [['Invalid url given'], 422, '{"error":"Invalid url given"}'],
  notScheduled: [[], 500, '{"message":"Unable to schedule pipeline run immediately"}'],
  internal: [[], 500, '{"message":"500 Internal Server Error"}'],
};

const sources = globSync('src/api/**/*.ts')
  .filter((file) => !file.endsWith('.test.ts') && file !== 'src/api/errors.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

describe('the catalogue of refusals', () => {
  for (const [name, [args, status, body]] of Object.entries(EXPECTED)) {
    it(`${name} is ${status}, byte for byte`, () => {
      const { answer } = (refuse as unknown as Record<string, Builder>)[name]!(...args);
      const sent =
        answer.body === undefined || typeof answer.body === 'string'
          ? answer.body
          : JSON.stringify(answer.body);
      assert.deepEqual([answer.status, sent], [status, body]);
    });
  }

  it('is listed here whole', () => {
    assert.deepEqual(
      Object.keys(refuse).filter((name) => EXPECTED[name] === undefined),
      [],
    );
  });

  it('has no refusal that nobody uses', () => {
    const unused = Object.keys(refuse).filter((name) => !sources.includes(`refuse.${name}(`));
    assert.deepEqual(unused, []);
  });

  it('says nothing twice', () => {
    const texts = Object.entries(EXPECTED).map(
      ([, [args, status, body]]) => `${status} ${body} ${args.length}`,
    );
    assert.equal(new Set(texts).size, texts.length);
  });

  it('names no secret and no address of the server', () => {
    assert.doesNotMatch(JSON.stringify(Object.values(EXPECTED)), /glpat-|127\.0\.0\.1|\/home\//);
  });
});
