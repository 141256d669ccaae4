import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, it } from 'node:test';
import { PAGES } from './pages.ts';
import { type Seeded, seedServer } from './seeded-server.ts';
import { webSuite } from './web-suite.ts';

const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

webSuite('every page is accessible (WCAG 2.2 AA by axe)', (world) => {
  let seeded: Seeded;

  before(async () => {
    seeded = await seedServer(world().server);
  });

  for (const { name, address, ready, as } of PAGES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`${name}, ${colorScheme}`, async () => {
        const options = { colorScheme, bypassCSP: true, reducedMotion: 'reduce' } as const;
        const page = await world().visit(
          address(seeded),
          as === 'nobody' ? { ...options, as: null } : options,
        );
        await page.waitForSelector(ready);
        await page.evaluate(AXE);
        const violations = await page.evaluate<Violation[]>(
          "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((result) => result.violations)",
        );
        assert.deepEqual(
          violations.map(({ id, help, nodes }) => ({
            id,
            help,
            nodes: nodes.slice(0, 3).map((node) => `${node.html}: ${node.failureSummary}`),
          })),
          [],
        );
        await world().leave();
      });
    }
  }
});
