import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { IdTokenKeys, type PublicKey } from './id-token.ts';

/** Header and claims of a token, when one of the keys signed it. */
function verified(token: string, keys: readonly PublicKey[]): { header: unknown; claims: unknown } | null {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const key = keys.find(({ kid }) => kid === read(header).kid);
  if (key === undefined) return null;
  const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
  const signed = Buffer.from(`${header}.${claims}`);
  const good = verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'));
  return good ? { header: read(header), claims: read(claims) } : null;
}

describe('keys of ID tokens', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'teaspoon-id-token-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  test('are made when first needed, for the owner alone, and stay', async () => {
    const keys = new IdTokenKeys(directory);
    assert.deepEqual(readdirSync(directory), []);
    const first = await keys.publicKeys();
    assert.deepEqual(readdirSync(directory), ['id-token.key']);
    assert.equal(statSync(join(directory, 'id-token.key')).mode & 0o777, 0o600);
    assert.deepEqual(await new IdTokenKeys(directory).publicKeys(), first);
  });

  test('are listed as RFC 7517 says, under their thumbprints of RFC 7638', async () => {
    const [key] = await new IdTokenKeys(directory).publicKeys();
    assert.ok(key);
    const { n, e } = key;
    const kid = createHash('sha256').update(`{"e":"${e}","kty":"RSA","n":"${n}"}`).digest('base64url');
    assert.deepEqual(key, { kty: 'RSA', kid, e: 'AQAB', n, use: 'sig', alg: 'RS256' });
    assert.deepEqual(Object.keys(key), ['kty', 'kid', 'e', 'n', 'use', 'alg']);
  });

  test('sign tokens that the listed keys verify', async () => {
    const keys = new IdTokenKeys(directory);
    const listed = await keys.publicKeys();
    const token = await keys.sign({ sub: 'ä', aud: ['a', 'b'] });
    assert.deepEqual(verified(token, listed), {
      header: { kid: listed[0]?.kid, typ: 'JWT', alg: 'RS256' },
      claims: { sub: 'ä', aud: ['a', 'b'] },
    });
    assert.equal(verified(token.replace(/\..*\./, `.${btoa('{"sub":"other"}')}.`), listed), null);
  });

  test('made by several processes at once are one', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'teaspoon-id-token-'));
    const all = await Promise.all([1, 2, 3].map(() => new IdTokenKeys(shared).publicKeys()));
    assert.equal(new Set(all.map(([key]) => key?.kid)).size, 1);
    rmSync(shared, { recursive: true });
  });

  test('that were replaced stay listed, and the first signs', async () => {
    const path = join(directory, 'id-token.key');
    const old = new IdTokenKeys(directory);
    const [former] = await old.publicKeys();
    const token = await old.sign({ old: true });
    const text = readFileSync(path, 'utf8');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    appendFileSync(path, text);
    const keys = new IdTokenKeys(directory);
    const listed = await keys.publicKeys();
    assert.equal(listed.length, 2);
    assert.deepEqual(listed[1], former);
    assert.deepEqual(verified(token, listed)?.claims, { old: true });
    const [header = ''] = (await keys.sign({})).split('.');
    assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).kid, listed[0]?.kid);
  });
});
