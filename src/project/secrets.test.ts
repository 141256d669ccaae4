import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Encryption } from './encryption.ts';
import { hashPassword, isPassword, passwordErrors } from './password.ts';
import { SignInFailures } from './sign-in.ts';
import { digestOf, makeToken, sameDigest, type TokenPrefix } from './token.ts';

describe('encryption', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'teaspoon-keys-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('keeps its key in a file of its own that only the server reads, and finds it again', () => {
    const first = Encryption.open(directory);
    const secret = first.encrypt('grün 🍵');
    assert.equal(statSync(join(directory, 'encryption.key')).mode & 0o777, 0o600);
    assert.equal(Encryption.open(directory).decrypt(secret), 'grün 🍵');
  });

  it('never says the same thing twice, and names its key', () => {
    const encryption = Encryption.open(directory);
    const [one, two] = [encryption.encrypt('x'), encryption.encrypt('x')];
    assert.notEqual(one, two);
    assert.match(one, /^[0-9a-f]{8}:[\w+/]+=*$/);
    assert.doesNotMatch(encryption.encrypt('visible text'), /visible/);
  });

  it('refuses what was altered or made with another key', () => {
    const encryption = Encryption.open(directory);
    const text = encryption.encrypt('x');
    const altered = text.slice(0, -3) + (text.at(-3) === 'A' ? 'B' : 'A') + text.slice(-2);
    assert.throws(() => encryption.decrypt(altered));
    assert.throws(() => new Encryption([Buffer.alloc(32, 7)]).decrypt(text), /encryption\.key/);
  });

  it('reads old values when a newer key is put in front', () => {
    const old = Encryption.open(directory).encrypt('before');
    const path = join(directory, 'encryption.key');
    const newer = Buffer.alloc(32, 9);
    writeFileSync(path, `${newer.toString('base64')}\n${readFileSync(path, 'utf8')}`);
    const both = Encryption.open(directory);
    assert.equal(both.decrypt(old), 'before');
    assert.equal(new Encryption([newer]).decrypt(both.encrypt('after')), 'after');
  });
});

describe('a password', () => {
  it('is known by its hash, in any Unicode form, and by no other', async () => {
    const hash = await hashPassword('pässwörd one');
    assert.match(hash, /^scrypt\$32768\$8\$1\$/);
    assert.equal(await isPassword('pa\u0308sswo\u0308rd one', hash), true);
    assert.equal(await isPassword('password one', hash), false);
    assert.notEqual(hash, await hashPassword('pässwörd one'));
  });

  it('of nobody is never right, and takes as long to find out', async () => {
    const hash = await hashPassword('long enough');
    const time = async (stored: string | null) => {
      const startedAt = performance.now();
      assert.equal(await isPassword('wrong password', stored), false);
      return performance.now() - startedAt;
    };
    const [ofUser, ofNobody]: [number[], number[]] = [[], []];
    for (let run = 0; run < 5; run++) {
      ofUser.push(await time(hash));
      ofNobody.push(await time(null));
    }
    const [known, unknown] = [ofUser, ofNobody].map((times) => times.sort((a, b) => a - b)[2]!);
    assert.ok(unknown! > known! / 4 && unknown! < known! * 4, `${known} and ${unknown} ms`);
  });

  it('leaves the threads that read files to others, however many are checked', async () => {
    const order: string[] = [];
    const checks = Array.from({ length: 12 }, () => isPassword('x', null).then(() => order.push('check')));
    await readFile(import.meta.filename).then(() => order.push('file'));
    await Promise.all(checks);
    assert.ok(order.indexOf('file') < 4, `the file was read after ${order.indexOf('file')} checks`);
  });

  it('has 8 to 128 characters', () => {
    assert.deepEqual(passwordErrors('1234567'), ['is too short (minimum is 8 characters)']);
    assert.deepEqual(passwordErrors('x'.repeat(129)), ['is too long (maximum is 128 characters)']);
    assert.deepEqual(passwordErrors('🍵'.repeat(128)), []);
  });
});

describe('failed sign-ins', () => {
  it('make an account wait for ten minutes after the fifth, and no other', () => {
    const failures = new SignInFailures();
    for (let failure = 0; failure < 5; failure++) {
      assert.equal(failures.isThrottled('ann', 1000), false);
      failures.note('ann', 1000 + failure);
    }
    assert.equal(failures.isThrottled('ann', 2000), true);
    assert.equal(failures.isThrottled('bob', 2000), false);
    assert.equal(failures.isThrottled('ann', 1000 + 10 * 60_000), false);
    failures.note('ann', 2000);
    failures.forget('ann');
    assert.equal(failures.isThrottled('ann', 2000), false);
  });
});

describe('a token', () => {
  for (const prefix of ['glpat-', 'glcbt-', 'glrt-', 'glptt-'] satisfies TokenPrefix[]) {
    it(`that starts with ${prefix} holds 160 random bits`, () => {
      assert.match(makeToken(prefix), new RegExp(`^${prefix}[\\w-]{27}$`));
    });
  }

  it('never repeats', () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => makeToken('glpat-'))).size, 10_000);
  });

  it('is compared by its digest', () => {
    const digest = digestOf('glpat-a');
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      [
        sameDigest(digest, digestOf('glpat-a')),
        sameDigest(digest, digestOf('glpat-b')),
        sameDigest(digest, ''),
      ],
      [true, false, false],
    );
  });
});
