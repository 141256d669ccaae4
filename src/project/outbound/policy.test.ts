import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayConnect } from './policy.ts';

const TARGET = { host: 'ci.internal', port: 8080 };

/** An allowlist, an address that `ci.internal:8080` resolved to, and whether it may be connected to. */
const CASES: [string[], string, boolean][] = [
  [[], '93.184.216.34', true],
  [[], '127.0.0.1', false],
  [['127.0.0.2'], '127.0.0.2', true],
  [['127.0.0.2'], '127.0.0.1', false],
  [['127.0.0.2'], '::ffff:127.0.0.2', true],
  [['127.0.0.2'], '10.0.0.1', false],
  [['10.0.0.0/8'], '10.200.3.4', true],
  [['10.0.0.0/8'], '11.0.0.1', true],
  [['10.0.0.0/8'], '192.168.0.1', false],
  [['10.0.0.1:8080'], '10.0.0.1', true],
  [['10.0.0.1:80'], '10.0.0.1', false],
  [['[fd00::1]:8080'], 'fd00::1', true],
  [['[fd00::1]:81'], 'fd00::1', false],
  [['fd00::/8'], 'fd12::1', true],
  [['CI.internal'], '10.0.0.1', true],
  [['ci.internal:8080'], '10.0.0.1', true],
  [['ci.internal:443'], '10.0.0.1', false],
  [['internal'], '10.0.0.1', false],
  [['10.0.0.0/99', 'nonsense/8', ''], '10.0.0.1', false],
  [['0.0.0.0'], '0.0.0.0', true],
];

for (const [allowlist, address, allowed] of CASES) {
  test(`with [${allowlist}] open, ${address} is ${allowed ? 'reachable' : 'blocked'}`, () => {
    assert.equal(mayConnect({ allowLocal: false, allowlist }, TARGET, address), allowed);
  });
}

test('the setting opens local addresses, not those that are nobody’s', () => {
  const policy = { allowLocal: true, allowlist: [] };
  assert.equal(mayConnect(policy, TARGET, '127.0.0.1'), true);
  assert.equal(mayConnect(policy, TARGET, '192.168.0.1'), true);
  assert.equal(mayConnect(policy, TARGET, '224.0.0.1'), false);
  assert.equal(mayConnect(policy, TARGET, '0.0.0.0'), false);
});
