import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { openTestDatabase } from '../../test/databases.ts';
import { startApi, type TestApi } from '../../test/start-api.ts';
import { json, noContent, type Route, route, stream } from './route.ts';

const echo = (method: Route['method'], path: string) =>
  route({
    method,
    path,
    access: { by: 'anyone' },
    input: {},
    handle: async ({ received }) => json(received),
  });

const routes: Route[] = [
  echo('GET', '/api/v4/echo'),
  echo('POST', '/api/v4/echo'),
  echo('DELETE', '/api/v4/echo'),
  echo('GET', '/api/v4/projects/:id'),
  echo('GET', '/api/v4/projects/:id/jobs/artifacts/*ref_name/download'),
  echo('GET', '/api/v4/projects/:id/jobs/artifacts/*ref_name/raw/*artifact_path'),
  echo('GET', '/api/v4/projects/:id/jobs/:job_id/artifacts/tree'),
  echo('GET', '/api/v4/projects/:id/jobs/:job_id/artifacts/*artifact_path'),
  echo('GET', '/*project.git/info/refs'),
  route({
    method: 'GET',
    path: '/api/v4/boom',
    access: { by: 'anyone' },
    input: {},
    handle: async () => {
      throw new Error('constraint failed for token glpat-abcdefghijklmnopqrst');
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v4/nothing',
    access: { by: 'anyone' },
    input: {},
    handle: async () => noContent,
  }),
  route({
    method: 'POST',
    path: '/api/v4/null',
    access: { by: 'anyone' },
    input: {},
    handle: async () => json(null, 201),
  }),
  route({
    method: 'POST',
    path: '/api/v4/stream',
    access: { by: 'anyone' },
    input: {},
    body: 'stream',
    handle: async ({ request }) => stream(Readable.from(request), {}),
  }),
  route({
    method: 'GET',
    path: '/api/v4/limited',
    access: { by: 'anyone' },
    input: {},
    rateLimit: { bucket: 'limited', perMinute: 2 },
    handle: async () => json([]),
  }),
];

let api: TestApi;
let drop: () => Promise<void>;
let now = 1_700_000_000_000;

before(async () => {
  const opened = await openTestDatabase('sqlite');
  drop = opened.drop;
  api = await startApi(opened.database, routes, { clock: () => now });
});
after(async () => {
  await api.close();
  await drop();
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };

test('every answer carries the common headers, and JSON is exactly application/json', async () => {
  const { headers } = await api.send({ path: '/api/v4/echo' });
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['x-frame-options'], 'SAMEORIGIN');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['x-request-id']), /^[\w-]{20,}$/);
});

const BODIES: [name: string, headers: Record<string, string>, body: string, fields: unknown][] = [
  ['JSON', { 'content-type': 'application/json' }, '{"a":1,"b":["x"]}', { a: 1, b: ['x'] }],
  ['JSON with a charset', { 'content-type': 'application/json; charset=utf-8' }, '{"a":"ü"}', { a: 'ü' }],
  ['an empty JSON body', { 'content-type': 'application/json' }, '', {}],
  ['an urlencoded body', form, 'a=1&b%5B%5D=x&b%5B%5D=y+z', { a: '1', b: ['x', 'y z'] }],
  [
    'nested urlencoded lists of objects',
    form,
    'variables[][key]=A&variables[][value]=1&variables[][key]=B&variables[][value]=2',
    {
      variables: [
        { key: 'A', value: '1' },
        { key: 'B', value: '2' },
      ],
    },
  ],
  ['nested urlencoded objects', form, 'variables[A]=1&variables[B]=2', { variables: { A: '1', B: '2' } }],
  [
    'multipart fields',
    { 'content-type': 'multipart/form-data; boundary=x' },
    '--x\r\nContent-Disposition: form-data; name="variables[A]"\r\n\r\n1\r\n--x--\r\n',
    { variables: { A: '1' } },
  ],
  [
    'a multipart field whose name is UTF-8',
    { 'content-type': 'multipart/form-data; boundary=x' },
    '--x\r\nContent-Disposition: form-data; name="größe"\r\n\r\nmüde\r\n--x--\r\n',
    { größe: 'müde' },
  ],
  ['a body without a type', {}, 'a=1', { a: '1' }],
  ['a JSON array, which names nothing', { 'content-type': 'application/json' }, '[1]', {}],
];

for (const [name, headers, body, fields] of BODIES) {
  for (const method of ['POST', 'DELETE']) {
    test(`${method} reads ${name}`, async () => {
      const answer = await api.send({ method, path: '/api/v4/echo', headers, body });
      assert.deepEqual(answer.json, fields);
    });
  }
}

test('query and body are merged, the body wins', async () => {
  const answer = await api.send({ method: 'POST', path: '/api/v4/echo?a=1&b=2', body: { b: 3 } });
  assert.deepEqual(answer.json, { a: '1', b: 3 });
});

const PATHS: [path: string, fields: unknown][] = [
  ['/api/v4/projects/root%2Fdemo', { id: 'root/demo' }],
  ['/api/v4/projects/root%2Fapp%2Ejs/', { id: 'root/app.js' }],
  [
    '/api/v4/projects/1/jobs/artifacts/feature/x/download?job=a',
    { id: '1', ref_name: 'feature/x', job: 'a' },
  ],
  [
    '/api/v4/projects/1/jobs/artifacts/a%2Fb/raw/dist%2Fbin.dat',
    { id: '1', ref_name: 'a/b', artifact_path: 'dist/bin.dat' },
  ],
  ['/api/v4/projects/1/jobs/5/artifacts/tree', { id: '1', job_id: '5' }],
  ['/api/v4/projects/1/jobs/5/artifacts/a/tree', { id: '1', job_id: '5', artifact_path: 'a/tree' }],
  ['/group/sub/app.git/info/refs', { project: 'group/sub/app' }],
];

for (const [path, fields] of PATHS) {
  test(`path ${path} is understood`, async () => {
    assert.deepEqual((await api.send({ path })).json, fields);
  });
}

const REFUSALS: [name: string, sent: Parameters<TestApi['send']>[0], status: number, body: unknown][] = [
  ['an unknown route', { path: '/api/v4/nowhere' }, 404, { error: '404 Not Found' }],
  ['a page that is not there', { path: '/nowhere' }, 404, '404 Not Found\n'],
  [
    'API v3',
    { path: '/api/v3/projects' },
    410,
    { error: 'API V3 is no longer supported. Use API V4 instead.' },
  ],
  [
    'a method that a path does not have',
    { method: 'PUT', path: '/api/v4/echo' },
    405,
    { error: '405 Not Allowed' },
  ],
  ['an unknown method', { method: 'PROPFIND', path: '/api/v4/echo' }, 405, { error: '405 Not Allowed' }],
  [
    'broken JSON',
    { method: 'POST', path: '/api/v4/echo', headers: { 'content-type': 'application/json' }, body: '{"a":' },
    400,
    { error: 'message body does not match declared format' },
  ],
  [
    'JSON nested too deeply',
    {
      method: 'POST',
      path: '/api/v4/echo',
      headers: { 'content-type': 'application/json' },
      body: `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    },
    400,
    { error: 'message body does not match declared format' },
  ],
  [
    'NUL in JSON',
    { method: 'POST', path: '/api/v4/echo', body: { a: 'x\0y' } },
    400,
    { error: 'message body does not match declared format' },
  ],
  [
    'a lone surrogate',
    {
      method: 'POST',
      path: '/api/v4/echo',
      headers: { 'content-type': 'application/json' },
      body: '{"a":"\\ud800"}',
    },
    400,
    { error: 'message body does not match declared format' },
  ],
  [
    'a type nobody reads',
    { method: 'POST', path: '/api/v4/echo', headers: { 'content-type': 'text/plain' }, body: 'a' },
    415,
    { error: "The provided content-type 'text/plain' is not supported." },
  ],
  [
    'too large a body',
    { method: 'POST', path: '/api/v4/echo', body: { a: 'x'.repeat(1_100_000) } },
    413,
    { error: '413 Request Entity Too Large' },
  ],
  ['contradicting nested names', { path: '/api/v4/echo?a=1&a[b]=2' }, 400, { message: '400 Bad request' }],
  [
    'broken percent-encoding in the query',
    { path: '/api/v4/echo?a=%zz' },
    400,
    { message: '400 Bad request' },
  ],
  ['invalid UTF-8 in the path', { path: '/api/v4/projects/%ff' }, 400, { message: '400 Bad request' }],
  [
    'broken percent-encoding in the path',
    { path: '/api/v4/projects/%' },
    400,
    { message: '400 Bad request' },
  ],
  ['NUL in the path', { path: '/api/v4/projects/a%00b' }, 400, { message: '400 Bad request' }],
  [
    'a path that climbs',
    { path: '/api/v4/projects/../echo' },
    400,
    'Potential path traversal attempt detected',
  ],
  [
    'a path that climbs, encoded',
    { path: '/api/v4/projects/a%2F%2e%2E%2fb' },
    400,
    'Potential path traversal attempt detected',
  ],
  [
    'a path that climbs, encoded twice',
    { path: '/api/v4/projects/%252e%252e%252fb' },
    400,
    'Potential path traversal attempt detected',
  ],
  ['a doubled slash', { path: '/api/v4//echo' }, 404, { error: '404 Not Found' }],
  ['a failure of ours', { path: '/api/v4/boom' }, 500, { message: '500 Internal Server Error' }],
];

for (const [name, sent, status, body] of REFUSALS) {
  test(`${name} is ${status}`, async () => {
    const answer = await api.send(sent);
    assert.deepEqual([answer.status, answer.json ?? answer.text], [status, body]);
  });
}

test('dots inside a name are no traversal', async () => {
  assert.equal((await api.send({ path: '/api/v4/projects/a..b' })).status, 200);
});

test('405 says what is allowed', async () => {
  const { headers } = await api.send({ method: 'PUT', path: '/api/v4/echo' });
  assert.equal(headers.allow, 'GET, HEAD, POST, DELETE');
});

test('HEAD answers as GET, without the body', async () => {
  const get = await api.send({ path: '/api/v4/echo?a=1' });
  const head = await api.send({ method: 'HEAD', path: '/api/v4/echo?a=1' });
  assert.deepEqual([head.status, head.text], [200, '']);
  assert.equal(head.headers['content-length'], String(get.text.length));
  assert.equal(head.headers['content-type'], 'application/json');
});

test('204 has no body and no type', async () => {
  const { status, headers, text } = await api.send({ method: 'DELETE', path: '/api/v4/nothing' });
  assert.deepEqual([status, text, headers['content-type']], [204, '', undefined]);
});

test('null is a JSON body', async () => {
  const { status, text } = await api.send({ method: 'POST', path: '/api/v4/null' });
  assert.deepEqual([status, text], [201, 'null']);
});

test('a streaming route is given the bytes whatever their type', async () => {
  const headers = { 'content-type': 'application/x-git-upload-pack-request', 'content-length': '5' };
  const answer = await api.send({
    method: 'POST',
    path: '/api/v4/stream',
    headers,
    body: 'a\0b\xff'.slice(0, 4),
  });
  assert.equal(answer.text.slice(0, 3), 'a\0b');
});

test('a failure is logged with the request id and without secrets', async () => {
  const { headers } = await api.send({ path: '/api/v4/boom' });
  const line = api.log.find(
    (entry) => entry.includes(String(headers['x-request-id'])) && entry.includes('failed'),
  );
  assert.match(line ?? '', /constraint failed for token \[FILTERED\]/);
  assert.doesNotMatch(api.log.join(''), /glpat-abc/);
});

test('a full bucket is 429 until its minute is over', async () => {
  const statuses = [];
  for (let call = 0; call < 3; call++) statuses.push((await api.send({ path: '/api/v4/limited' })).status);
  assert.deepEqual(statuses, [200, 200, 429]);
  const refused = await api.send({ path: '/api/v4/limited' });
  assert.deepEqual(refused.json, {
    message: { error: 'This endpoint has been requested too many times. Try again later.' },
  });
  assert.equal(refused.headers['retry-after'], '60');
  now += 60_000;
  assert.equal((await api.send({ path: '/api/v4/limited' })).status, 200);
});

test('a body without a length is cut when it grows too large', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      resolve(text);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.write('POST /api/v4/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let chunk = 0; chunk < 20; chunk++) socket.write(`10000\r\n${'a'.repeat(65536)}\r\n`);
  });
  assert.match(answer, /^HTTP\/1.1 413 /);
});
