import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { type AddressKind, addressKind, carriedAddress } from './address.ts';

const KINDS: [string, AddressKind][] = [
  ['8.8.8.8', 'public'],
  ['1.1.1.1', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['100.128.0.0', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['2a00:1450:4001:82b::200e', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['127.0.0.1', 'local'],
  ['127.255.255.254', 'local'],
  ['10.0.0.1', 'local'],
  ['172.16.0.1', 'local'],
  ['172.31.255.255', 'local'],
  ['192.168.1.1', 'local'],
  ['169.254.169.254', 'local'],
  ['100.64.0.1', 'local'],
  ['100.127.255.255', 'local'],
  ['::1', 'local'],
  ['0:0:0:0:0:0:0:1', 'local'],
  ['fe80::1', 'local'],
  ['fe80::1%eth0', 'local'],
  ['febf::1', 'local'],
  ['fec0::1', 'local'],
  ['fc00::1', 'local'],
  ['fd12:3456:789a::1', 'local'],
  ['::ffff:127.0.0.1', 'local'],
  ['::ffff:7f00:1', 'local'],
  ['::ffff:a9fe:a9fe', 'local'],
  ['::127.0.0.1', 'local'],
  ['::a00:1', 'local'],
  ['::ffff:0:127.0.0.1', 'local'],
  ['64:ff9b::7f00:1', 'local'],
  ['64:ff9b::192.168.0.1', 'local'],
  ['2002:7f00:1::', 'local'],
  ['2002:c0a8:101::1', 'local'],
  ['0.0.0.0', 'never'],
  ['0.1.2.3', 'never'],
  ['::', 'never'],
  ['::ffff:0.0.0.0', 'never'],
  ['192.0.0.8', 'never'],
  ['192.0.2.1', 'never'],
  ['192.88.99.1', 'never'],
  ['198.18.0.1', 'never'],
  ['198.51.100.1', 'never'],
  ['203.0.113.9', 'never'],
  ['224.0.0.1', 'never'],
  ['239.255.255.255', 'never'],
  ['240.0.0.1', 'never'],
  ['255.255.255.255', 'never'],
  ['ff02::1', 'never'],
  ['64:ff9b:1::1', 'never'],
  ['100::1', 'never'],
  ['2001:0:4136:e378::1', 'never'],
  ['2001:db8::1', 'never'],
];

for (const [address, kind] of KINDS) {
  test(`${address} is ${kind}`, () => {
    assert.equal(addressKind(address), kind);
  });
}

test('no address of this machine is public', () => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  assert.notEqual(own.length, 0);
  assert.deepEqual(
    own.filter(({ address }) => addressKind(address) === 'public'),
    [],
  );
});

test('the IPv4 address inside an IPv6 one is found', () => {
  assert.equal(carriedAddress('64:ff9b::1.2.3.4'), '1.2.3.4');
  assert.equal(carriedAddress('2002:102:304::'), '1.2.3.4');
  assert.equal(carriedAddress('2606:4700::1'), null);
});
