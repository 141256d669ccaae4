import assert from 'node:assert/strict';
import { it } from 'node:test';
import { webSuite } from './web-suite.ts';

/** What the first page may weigh with everything it loads, gzipped, in bytes. */
const BUDGET = 100 * 1024;

webSuite('the first page', (world) => {
  it('weighs little, comes from this server alone, and runs under the strict policy', async () => {
    const page = await world().visit('about:blank');
    const loaded: { url: string; bytes: number }[] = [];
    page.on('response', async (response) => {
      if (new URL(response.url()).pathname.startsWith('/api/')) return;
      const { responseBodySize } = await response.request().sizes();
      loaded.push({ url: response.url(), bytes: responseBodySize });
    });
    const answer = await page.goto('/');
    await page.getByText('Push a repository to begin').waitFor();
    assert.match(answer?.headers()['content-security-policy'] ?? '', /default-src 'none'.*script-src 'self'/);
    assert.deepEqual(
      loaded.filter(({ url }) => !url.startsWith(world().server.url)),
      [],
    );
    const bytes = loaded.reduce((sum, one) => sum + one.bytes, 0);
    assert.ok(
      loaded.length >= 4 && bytes > 10_000,
      `only ${loaded.length} files of ${bytes} bytes were seen`,
    );
    assert.ok(bytes <= BUDGET, `${bytes} bytes: ${JSON.stringify(loaded)}`);
    await world().leave();
  });
});
