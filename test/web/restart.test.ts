import { rmSync } from 'node:fs';
import { it } from 'node:test';
import { makeProject } from '../people.ts';
import { freePort, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { WebWorld, webSuite } from './web-suite.ts';

webSuite('a server that goes away', (world) => {
  it('is told of, and its pages go on by themselves when it is back', async (test) => {
    const place = { data: temporaryDirectory(), port: await freePort() };
    const first = await spawnServer(place);
    test.after(() => first.end('SIGKILL'));
    const other = new WebWorld(first, world().browser);
    const page = await other.visit('/');
    await page.getByText('Push a repository to begin').waitFor();
    await page.waitForSelector('html[data-events="live"]');
    await first.end();
    await page.getByText('Not live').waitFor();
    const second = await spawnServer(place);
    test.after(async () => {
      await second.end();
      rmSync(place.data, { recursive: true });
    });
    await makeProject(second, 'meanwhile');
    await page.waitForSelector('html[data-events="live"]');
    await page.getByRole('link', { name: 'meanwhile' }).waitFor();
    await other.leave();
  });
});
