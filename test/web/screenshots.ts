/** `npm run screenshots [name …]`: pictures of every page, both themes, as wide as a desk and as a phone, in `.cache/screenshots`. */
import { mkdirSync } from 'node:fs';
import { startTestServer } from '../start-server.ts';
import { openBrowser } from './chromium.ts';
import { PAGES } from './pages.ts';
import { seedServer } from './seeded-server.ts';
import { WebWorld } from './web-suite.ts';

const DIRECTORY = '.cache/screenshots';
const SIZES = [
  { size: 'desk', viewport: { width: 1360, height: 860 } },
  { size: 'phone', viewport: { width: 390, height: 844 } },
] as const;

const names = process.argv.slice(2);
mkdirSync(DIRECTORY, { recursive: true });
const { server, drop } = await startTestServer('sqlite');
const seeded = await seedServer(server);
const world = new WebWorld(server, await openBrowser());
for (const { name, address, ready, as, act } of PAGES) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const { size, viewport } of SIZES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const options = { viewport, colorScheme, reducedMotion: 'reduce' } as const;
      const page = await world.visit(address(seeded), as === 'nobody' ? { ...options, as: null } : options);
      await page.waitForSelector(ready);
      await act?.(page);
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${DIRECTORY}/${name}-${size}-${colorScheme}.png` });
      console.log(`${DIRECTORY}/${name}-${size}-${colorScheme}.png`);
      await page.context().close();
    }
  }
}
await world.browser.close();
await drop();
if (world.failures.length > 0) {
  console.error(world.failures.join('\n'));
  process.exitCode = 1;
}
