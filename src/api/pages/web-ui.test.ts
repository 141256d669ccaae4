import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openTestDatabase } from '../../../test/databases.ts';
import { startApi, type TestApi } from '../../../test/start-api.ts';
import { routes } from '../routes.ts';
import { webPage } from './web-ui.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

describe('the web UI', () => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-web-'));
  let api: TestApi;
  let drop: () => Promise<void>;

  before(async () => {
    const opened = await openTestDatabase('sqlite');
    drop = opened.drop;
    api = await startApi(opened.database, routes, {
      trustedProxies: ['127.0.0.1'],
      fallback: (request, path, baseUrl) =>
        webPage({ directory, encryption: api.rooms.encryption }, request, path, baseUrl),
    });
  });
  after(async () => {
    await api.close();
    await drop();
    rmSync(directory, { recursive: true });
  });

  it('is a plain page while it was not built, which tells how to push to the address it was asked by', async () => {
    const page = await api.send({ path: '/' });
    assert.equal(page.status, 200);
    const remote = api.url.replace('://', '://root:&lt;token&gt;@');
    assert.ok(page.text.includes(`git remote add teaspoon ${remote}/root/app.git`));
    assert.ok(page.text.includes('npm run build:web'));
    assert.doesNotMatch(page.text, /<script|<style|src=|style=/);
  });

  describe('when it was built', () => {
    before(() => {
      mkdirSync(join(directory, 'assets'));
      const html = '<!doctype html><meta name="csrf-token" content=""><title>built</title>';
      writeFileSync(join(directory, 'index.html'), html);
      writeFileSync(join(directory, 'favicon.svg'), '<svg/>');
      writeFileSync(join(directory, 'assets/main-abc.js'), 'plain');
      writeFileSync(join(directory, 'assets/main-abc.js.gz'), 'gzipped');
      writeFileSync(join(directory, 'assets/main-abc.js.br'), 'brotli');
      writeFileSync(join(directory, '../secret.js'), 'secret');
    });
    after(() => rmSync(join(directory, '../secret.js')));

    const pages = [
      '/',
      '/users/sign_in',
      '/dashboard/projects',
      '/root',
      '/root/app',
      '/root/app/-/jobs/1',
      '/root/app.js/-/pipelines',
      '/a/b/c/-/blob/main/x.svg',
      '/groups/new',
      '/admin/runners',
      '/-/user_settings/personal_access_tokens',
      '/nobody/knows',
    ];
    for (const path of pages) {
      it(`is one document for every page, with its policy and a CSRF token: ${path}`, async () => {
        const page = await api.send({ path });
        assert.equal(page.status, 200);
        assert.match(
          page.text,
          /^<!doctype html><meta name="csrf-token" content="[\w-]{43}"><title>built<\/title>$/,
        );
        const { headers } = page;
        assert.deepEqual(
          [
            headers['content-type'],
            headers['content-security-policy'],
            headers['x-content-type-options'],
            headers['referrer-policy'],
            headers['cross-origin-opener-policy'],
            headers['x-frame-options'],
            headers['cache-control'],
            headers['strict-transport-security'],
          ],
          [
            'text/html; charset=utf-8',
            POLICY,
            'nosniff',
            'same-origin',
            'same-origin',
            'DENY',
            'no-store',
            undefined,
          ],
        );
      });
    }

    const elsewhere = [
      '/api/nothing',
      '/root/app.git',
      '/root/app.git/HEAD',
      '/root/app/info/refs',
      '/.well-known/nothing',
      '/assets/none.js',
      '/assets/',
      '/none.js',
      '/assets/..%2findex.html',
      '/..%2fsecret.js',
    ];
    for (const path of elsewhere) {
      it(`is no answer to ${path}`, async () => {
        const { status, headers } = await api.send({ path });
        assert.ok(status === 404 || status === 400, `${status}`);
        assert.doesNotMatch(String(headers['content-type']), /html/);
      });
    }

    it('sends the smallest form of a file that the client takes, never to be asked for again', async () => {
      const forms: [string, string | undefined, string][] = [
        ['gzip, deflate, br', 'br', 'brotli'],
        ['gzip', 'gzip', 'gzipped'],
        ['gzip;q=0', undefined, 'plain'],
        ['', undefined, 'plain'],
      ];
      for (const [accepted, encoding, text] of forms) {
        const headers = { 'accept-encoding': accepted };
        const file = await api.send({ path: '/assets/main-abc.js', headers });
        assert.deepEqual([file.headers['content-encoding'], file.text], [encoding, text], accepted);
        assert.equal(file.headers['cache-control'], 'public, max-age=31536000, immutable');
        assert.equal(file.headers['content-type'], 'text/javascript; charset=utf-8');
      }
      assert.equal((await api.send({ path: '/favicon.svg' })).headers['content-type'], 'image/svg+xml');
    });

    it('gives a stranger a cookie once, and keeps to it', async () => {
      const first = await api.send({ path: '/' });
      const cookie = String(first.headers['set-cookie']).split(';')[0]!;
      const second = await api.send({ path: '/', headers: { cookie } });
      assert.equal(second.headers['set-cookie'], undefined);
      assert.equal(second.text, first.text);
    });

    it('under TLS gives a cookie that no other host of the domain can set, and stays under TLS', async () => {
      const { headers } = await api.send({ path: '/', headers: { 'x-forwarded-proto': 'https' } });
      assert.match(
        String(headers['set-cookie']),
        /^__Host-_teaspoon_session=[\w-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
      );
      assert.equal(headers['strict-transport-security'], 'max-age=31536000');
    });

    it('changes nothing: other methods find no page', async () => {
      assert.equal((await api.send({ method: 'POST', path: '/root/app', body: {} })).status, 404);
    });
  });
});
