import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTestDatabase } from '../../../test/databases.ts';
import { startApi } from '../../../test/start-api.ts';
import { pageRoutes } from './front-page.ts';

describe('the front page', () => {
  it('tells how to push, with the address it was asked by, and lets nothing else in', async () => {
    const { database, drop } = await openTestDatabase('sqlite');
    const api = await startApi(database, pageRoutes);
    const page = await api.send({ path: '/' });
    await api.close();
    await drop();
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/);
    assert.ok(
      page.text.includes(
        `git remote add teaspoon ${api.url.replace('://', '://root:&lt;token&gt;@')}/root/app.git`,
      ),
    );
    assert.doesNotMatch(page.text, /<script|src=/);
  });
});
