import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { ProxyTrust } from './proxy.ts';

function request(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('a client behind a proxy', () => {
  const table: [string, string[], string, Record<string, string>, string, string][] = [
    ['is its connection without one', [], '10.0.0.9', { host: 'ci:8929' }, '10.0.0.9', 'http://ci:8929'],
    [
      'cannot pretend to be another',
      [],
      '10.0.0.9',
      { host: 'ci', 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil' },
      '10.0.0.9',
      'http://ci',
    ],
    [
      'is who a trusted proxy says',
      ['10.0.0.9'],
      '10.0.0.9',
      {
        host: 'ci',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'ci.example.com',
      },
      '1.2.3.4',
      'https://ci.example.com',
    ],
    [
      'is the last one that no trusted proxy is',
      ['10.0.0.0/8'],
      '10.0.0.9',
      { host: 'ci', 'x-forwarded-for': '9.9.9.9, 1.2.3.4, 10.1.1.1' },
      '1.2.3.4',
      'http://ci',
    ],
    [
      'may be known by an IPv4 address in IPv6',
      ['127.0.0.1'],
      '::ffff:127.0.0.1',
      { host: 'ci', 'x-forwarded-for': '1.2.3.4' },
      '1.2.3.4',
      'http://ci',
    ],
    ['has no host that could break a link', [], '10.0.0.9', { host: 'a"b' }, '10.0.0.9', 'http://localhost'],
  ];
  for (const [what, proxies, peer, headers, ip, baseUrl] of table) {
    it(what, () =>
      assert.deepEqual(new ProxyTrust(proxies).originOf(request(peer, headers)), { ip, baseUrl }),
    );
  }
});
