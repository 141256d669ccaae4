import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { ScriptedRunner } from '../scripted-runner.ts';
import { until } from '../until.ts';
import { makeRunner, Repository, run } from './seed.ts';
import { webSuite } from './web-suite.ts';

const CONFIG = `
stages: [build, test, deploy]
slow: {stage: build, script: make}
quick: {stage: build, script: make}
unit: {stage: test, script: make, needs: [slow]}
lint: {stage: test, script: make, needs: [quick]}
scan: {stage: test, trigger: {include: scan.yml, strategy: depend}, needs: []}
report: {stage: deploy, script: make, needs: [unit, lint]}
`;

/** 1,000 jobs: cards, dots and a parallel group. */
const LARGE = `
stages: [build, test]
${Array.from({ length: 700 }, (_, index) => `job-${index}: {stage: build, script: make}\n`).join('')}
wide: {stage: test, script: make, parallel: 200}
${Array.from({ length: 100 }, (_, index) => `late-${index}: {stage: test, script: make, needs: [job-${index}]}\n`).join('')}
`;

webSuite('the graph of a pipeline', (world) => {
  let runner: ScriptedRunner;
  let app: Repository;
  let id: number;
  before(async () => {
    const { server } = world();
    runner = await makeRunner(server);
    app = await Repository.make(server, 'app');
    id = (await app.push({ '.gitlab-ci.yml': CONFIG, 'scan.yml': 'inner: {script: make}' }))!;
    await until('everything to be run', async () => {
      await run(runner);
      const { body } = await server.api<{ status: string }>('GET', `/projects/${app.id}/pipelines/${id}`);
      return body.status === 'success' || undefined;
    });
    await setTimes({
      scan: [0, 20],
      slow: [0, 60],
      quick: [0, 10],
      lint: [10, 30],
      unit: [60, 100],
      report: [100, 110],
    });
  });
  after(() => app.close());

  /** Times of jobs in seconds from the pipeline's start: what real jobs take, a test does not wait for. */
  async function setTimes(times: Record<string, [start: number, end: number]>): Promise<void> {
    const start = Date.now() - 600_000;
    await world().server.rooms.db.transaction(async (tx) => {
      for (const [name, [from, to]] of Object.entries(times)) {
        const values = {
          queued_at: start + from * 1000,
          started_at: start + from * 1000,
          finished_at: start + to * 1000,
        };
        await tx.sql
          .updateTable('jobs')
          .set(values)
          .where('pipeline_id', '=', id)
          .where('name', '=', name)
          .execute();
      }
    });
  }

  it('draws needs as lines and tells the critical path from the rest', async () => {
    const page = await world().visit(`/${app.path}/-/pipelines/${id}`);
    await page.getByText('slow → unit → report').waitFor();
    assert.equal(await page.locator('.lines path').count(), 4 + 2);
    assert.equal(await page.locator('.lines path.critical').count(), 2);
    assert.deepEqual(
      await page
        .locator('.card.on-path')
        .evaluateAll((cards) => cards.map((card) => card.getAttribute('data-card'))),
      ['slow', 'unit', 'report'],
    );
    await page.locator('.card[data-card="lint"]').hover();
    await page.locator('.lines path.pointed').nth(1).waitFor({ state: 'attached' });
    assert.equal(await page.locator('.lines path.pointed').count(), 2);
    await world().leave();
  });

  it('opens downstream pipelines below it', async () => {
    const page = await world().visit(`/${app.path}/-/pipelines/${id}`);
    await page.getByRole('button', { name: 'Downstream pipeline of scan' }).click();
    const below = page.getByRole('region', { name: 'Downstream of scan' });
    await below.getByRole('link', { name: 'inner' }).waitFor();
    await below.getByRole('link', { name: /^scan/ }).click();
    await page.getByRole('link', { name: `Started by #${id}` }).waitFor();
    await world().leave();
  });

  it('is also a list by duration, and a timeline; the address says which', async () => {
    const page = await world().visit(`/${app.path}/-/pipelines/${id}`);
    await page.waitForSelector('.graph');
    await page.keyboard.press('2');
    await page.getByRole('button', { name: 'Sort by duration' }).click();
    const names = () => page.locator('.job-list-row a').allInnerTexts();
    await page.waitForURL(/view=list&sort=duration$/);
    await page.locator('.job-list-row').first().getByText('slow').waitFor();
    assert.deepEqual((await names()).slice(0, 3), ['slow', 'unit', 'lint']);
    await page.reload();
    await page.waitForSelector('.job-rows');
    assert.deepEqual((await names()).slice(0, 3), ['slow', 'unit', 'lint']);
    await page.keyboard.press('3');
    const widthOf = (name: string) =>
      page
        .locator('.timeline-row', { hasText: name })
        .locator('.timeline-run')
        .evaluate((bar) => bar.getBoundingClientRect().width);
    await page.waitForSelector('.timeline');
    assert.ok(Math.abs((await widthOf('slow')) / (await widthOf('quick')) - 6) < 0.3);
    await world().leave();
  });

  it('stays fluid with a thousand jobs', async () => {
    const large = await Repository.make(world().server, 'large');
    const pipeline = await large.push({ '.gitlab-ci.yml': LARGE });
    const page = await world().visit(`/${large.path}/-/pipelines/${pipeline}`);
    await page.waitForSelector('.dots');
    const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
    assert.ok(nodes < 8000, `${nodes} elements`);
    const longest = await page.evaluate(async () => {
      let longest = 0;
      const watch = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
      });
      watch.observe({ type: 'longtask' });
      const wide = document.querySelector<HTMLElement>('.card[data-card="wide"] button');
      wide?.click();
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (let y = 0; y <= document.body.scrollHeight; y += 400) {
        scrollTo(0, y);
        await new Promise(requestAnimationFrame);
      }
      watch.disconnect();
      return longest;
    });
    assert.equal(await page.locator('.card[data-card="wide"] li').count(), 200);
    // A frame takes longer on a machine that tests many things at once; what grew with the square of jobs would take seconds.
    assert.ok(longest < 1000, `${longest} ms without a frame`);
    large.close();
    await world().leave();
  });
});
