import assert from 'node:assert/strict';
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type OutboundPolicy, type OutboundRequest, sendOutbound } from './outbound.ts';

const CLOSED: OutboundPolicy = { allowLocal: false, allowlist: [] };
const OPEN: OutboundPolicy = { allowLocal: true, allowlist: [] };
const MEBIBYTE = 1024 * 1024;

/** What a resolver says in these tests. */
const NAMES: Record<string, string[]> = {
  'inside.test': ['127.0.0.1'],
  'other.test': ['127.0.0.1'],
  'second.test': ['127.0.0.2'],
  'mixed.test': ['93.184.216.34', '127.0.0.1'],
  'metadata.test': ['169.254.169.254'],
};
const resolve = async (host: string) => NAMES[host] ?? [];

function get(url: string, policy = OPEN, more: Partial<OutboundRequest> = {}) {
  return sendOutbound({ url, maxBytes: MEBIBYTE, ...more }, policy, resolve);
}

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((done) => server.listen(0, host, done));
  return (server.address() as AddressInfo).port;
}

const routes: Record<string, RequestListener> = {
  '/plain': (_request, response) => response.end('stages: []\n'),
  '/missing': (_request, response) => response.writeHead(404).end('a secret body'),
  '/echo': (request, response) =>
    response.end(JSON.stringify({ host: request.headers.host, headers: request.headers })),
  '/gzip': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('inflated')),
  '/bomb': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * MEBIBYTE))),
  '/broken-gzip': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
  '/exact': (_request, response) => response.end(Buffer.alloc(MEBIBYTE)),
  '/endless': (_request, response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65536)));
    };
    response.on('drain', write);
    write();
  },
  '/slow': (_request, response) => void response.write('a'),
  '/silent': () => undefined,
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/once': (_request, response) => response.writeHead(302, { location: '/plain' }).end(),
  '/to-loopback': (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/x' }).end(),
  '/to-file': (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/to-other': (request, response) =>
    response.writeHead(302, { location: `http://other.test:${portOf(request)}/echo` }).end(),
};

function portOf(request: IncomingMessage): number {
  return request.socket.localPort!;
}

describe('a request to another host', () => {
  const server = createHttp((request, response) => routes[request.url ?? '']!(request, response));
  let base = '';
  let port = 0;
  before(async () => {
    port = await listen(server);
    base = `http://inside.test:${port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test('is answered with status and body', async () => {
    const result = await get(`${base}/plain`);
    assert.ok(result.ok);
    assert.equal(result.status, 200);
    assert.equal(result.body.toString(), 'stages: []\n');
  });

  test('keeps the name in Host while it goes to the checked address', async () => {
    const result = await get(`${base}/echo`);
    assert.ok(result.ok);
    assert.equal(JSON.parse(result.body.toString()).host, `inside.test:${port}`);
  });

  test('is inflated', async () => {
    const result = await get(`${base}/gzip`);
    assert.ok(result.ok);
    assert.equal(result.body.toString(), 'inflated');
  });

  const REFUSED: [string, string, OutboundPolicy, string][] = [
    ['to a local address', '/plain', CLOSED, 'blocked'],
    ['whose inflated body is too long', '/bomb', OPEN, 'too_large'],
    ['whose body never ends', '/endless', OPEN, 'too_large'],
    ['whose compressed body is broken', '/broken-gzip', OPEN, 'unreachable'],
    ['that is redirected to a file', '/to-file', OPEN, 'blocked'],
  ];
  for (const [what, path, policy, reason] of REFUSED) {
    test(`${what} ends as ${reason}`, async () => {
      assert.deepEqual(await get(base + path, policy, { followRedirects: true }), { ok: false, reason });
    });
  }

  test('may have a body of exactly the limit', async () => {
    const result = await get(`${base}/exact`);
    assert.ok(result.ok);
    assert.equal(result.body.length, MEBIBYTE);
  });

  for (const path of ['/slow', '/silent']) {
    test(`ends when its time is over: ${path}`, async () => {
      const result = await get(base + path, OPEN, { totalMilliseconds: 100 });
      assert.deepEqual(result, { ok: false, reason: 'unreachable' });
    });
  }

  test('ends when connecting takes too long', async () => {
    // A TLS server that never speaks: the connection is there, the handshake is not.
    const mute = createTcp();
    const mutePort = await listen(mute);
    const started = performance.now();
    const result = await get(`https://inside.test:${mutePort}/`, OPEN, { connectMilliseconds: 100 });
    assert.deepEqual(result, { ok: false, reason: 'unreachable' });
    assert.ok(performance.now() - started < 5000);
    mute.close();
  });

  test('ends when nobody listens, and when the name is unknown', async () => {
    assert.deepEqual(await get('http://inside.test:1/'), { ok: false, reason: 'unreachable' });
    assert.deepEqual(await get('http://nowhere.test/'), { ok: false, reason: 'unreachable' });
  });

  test('is redirected only when that was asked for', async () => {
    const kept = await get(`${base}/once`);
    assert.ok(kept.ok);
    assert.equal(kept.status, 302);
    const followed = await get(`${base}/once`, OPEN, { followRedirects: true });
    assert.ok(followed.ok);
    assert.equal(followed.status, 200);
  });

  test('follows three redirects and gives the fourth', async () => {
    let asked = 0;
    server.on('request', () => (asked += 1));
    const result = await get(`${base}/loop`, OPEN, { followRedirects: true });
    assert.ok(result.ok);
    assert.equal(result.status, 302);
    assert.equal(asked, 4);
  });

  test('is checked again at a redirect', async () => {
    const policy = { allowLocal: false, allowlist: [`inside.test:${port}`] };
    const result = await get(`${base}/to-loopback`, policy, { followRedirects: true });
    assert.deepEqual(result, { ok: false, reason: 'blocked' });
  });

  test('tells its credentials to no other host', async () => {
    const url = `http://user:word@inside.test:${port}`;
    const more = { followRedirects: true, headers: { 'private-token': 'secret', authorization: 'Bearer x' } };
    const here = await get(`${url}/echo`, OPEN, { headers: { 'private-token': 'secret' } });
    const there = await get(`${url}/to-other`, OPEN, more);
    assert.ok(here.ok && there.ok);
    const kept = JSON.parse(here.body.toString()).headers;
    assert.equal(kept['private-token'], 'secret');
    assert.equal(kept.authorization, `Basic ${Buffer.from('user:word').toString('base64')}`);
    const passed = JSON.parse(there.body.toString()).headers;
    assert.equal(passed.host, `other.test:${port}`);
    assert.equal(passed['private-token'], undefined);
    assert.equal(passed.authorization, undefined);
  });
});

describe('a name', () => {
  test('with one forbidden address is blocked whole', async () => {
    assert.deepEqual(await get('http://mixed.test/', CLOSED), { ok: false, reason: 'blocked' });
  });

  test('is resolved once for each request: what it says later is not asked', async () => {
    const server = createHttp((_request, response) => response.end('first'));
    const port = await listen(server);
    const answers = [['127.0.0.1'], ['127.0.0.2']];
    let asked = 0;
    const flip = async () => answers[asked++]!;
    const policy = { allowLocal: false, allowlist: ['127.0.0.1'] };
    const request = { url: `http://flip.test:${port}/`, maxBytes: 10 };
    const first = await sendOutbound(request, policy, flip);
    assert.ok(first.ok);
    assert.equal(first.body.toString(), 'first');
    assert.equal(asked, 1);
    assert.deepEqual(await sendOutbound(request, policy, flip), { ok: false, reason: 'blocked' });
    server.close();
  });

  test('on the allowlist opens only itself', async () => {
    const server = createHttp((_request, response) => response.end('second'));
    const port = await listen(server, '127.0.0.2');
    const policy = { allowLocal: false, allowlist: ['127.0.0.2'] };
    const result = await get(`http://second.test:${port}/`, policy);
    assert.ok(result.ok);
    assert.equal(result.body.toString(), 'second');
    assert.deepEqual(await get(`http://inside.test:${port}/`, policy), { ok: false, reason: 'blocked' });
    server.close();
  });
});

/** Spellings of places that nobody may reach, whatever a parser makes of them (security NET-2). */
const SPELLINGS = [
  'http://127.0.0.1/',
  'http://127.1/',
  'http://127.0.1/',
  'http://0x7f000001/',
  'http://0x7f.0.0.1/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://017700000001/',
  'http://0177.0.0.1/',
  'http://0177.0.0.01/',
  'http://127.0.0.1./',
  'http://127.000.000.001/',
  'http://１２７.0.0.1/',
  'http://127。0。0。1/',
  'http://%31%32%37.0.0.1/',
  'http://a@127.0.0.1/',
  'http://93.184.216.34@127.0.0.1/',
  'http://127.0.0.1:80/',
  'http://127.0.0.1#@93.184.216.34/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:7f00:1]/',
  'http://[0:0:0:0:0:ffff:7f00:0001]/',
  'http://[::7f00:1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[fe80::1]/',
  'http://[fc00::1]/',
  'http://[::]/',
  'http://0/',
  'http://0.0.0.0/',
  'http://169.254.169.254/latest/meta-data/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://metadata.test/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.0.1/',
  'http://100.64.0.1/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://inside.test/',
  'http://INSIDE.test./',
  'http://127.0.0.1\t/',
  'http://127.0.\n0.1/',
  ' http://127.0.0.1/',
  'http:/\\127.0.0.1/',
  'http:\\\\127.0.0.1/',
  'http:127.0.0.1/',
  'http:///127.0.0.1/',
  '//127.0.0.1/',
  'http://[fe80::1%25eth0]/',
  'http://127.0.0.1:0/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'ftp://127.0.0.1/',
  'data:text/plain,x',
  'javascript:1',
  'http://',
  'not a url',
  '',
];

describe('a place that nobody may reach', () => {
  for (const url of SPELLINGS) {
    test(`is blocked when written ${JSON.stringify(url)}`, async () => {
      assert.deepEqual(await get(url, CLOSED), { ok: false, reason: 'blocked' });
    });
  }
});
