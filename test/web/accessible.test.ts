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

webSuite('every page is accessible in both themes (WCAG 2.2 AA by axe)', (world) => {
  let seeded: Seeded;

  before(async () => {
    seeded = await seedServer(world().server);
  });

  for (const { name, address, ready, as, act } of PAGES) {
    it(name, async () => {
      const page = await world().visit(address(seeded), {
        ...(as === 'nobody' ? { as: null } : {}),
        colorScheme: 'light',
        reducedMotion: 'reduce',
        bypassCSP: true,
      });
      await page.waitForSelector(ready);
      await act?.(page);
      await page.evaluate(AXE);
      const violations = async (what: string) =>
        (
          await page.evaluate<Violation[]>(`axe.run(document, ${what}).then((result) => result.violations)`)
        ).map(({ id, help, nodes }) => ({
          id,
          help,
          nodes: nodes.slice(0, 3).map((node) => `${node.html}: ${node.failureSummary}`),
        }));
      assert.deepEqual(
        await violations(
          "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }",
        ),
        [],
      );
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.deepEqual(
        await violations("{ runOnly: { type: 'rule', values: ['color-contrast'] } }"),
        [],
        'dark',
      );
      await world().leave();
    });
  }
});
