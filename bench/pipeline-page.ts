/**
 * The page of a pipeline in a real headless Chromium: how long a job's change takes from the runner's request to the
 * screen, how long a pipeline of 1,000 jobs takes to be drawn, and how even it scrolls in each view.
 *
 *     npm run build:web && node bench/pipeline-page.ts
 */
import type { Page } from 'playwright-core';
import { startTestServer } from '../test/start-server.ts';
import { openBrowser } from '../test/web/chromium.ts';
import { makeRunner, Repository } from '../test/web/seed.ts';
import { WebWorld } from '../test/web/web-suite.ts';

const CHANGES = 60;

const { server, drop } = await startTestServer('sqlite');
const world = new WebWorld(server, await openBrowser());
try {
  await changes();
  await thousand();
} finally {
  await world.leave().finally(() => world.browser.close().finally(drop));
}

function quantile(values: number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))]!;
}

/** A job ends: until its card says so. */
async function changes(): Promise<void> {
  const runner = await makeRunner(server);
  const app = await Repository.make(server, 'changes');
  const jobs = Array.from({ length: CHANGES }, (_, index) => `job-${index}: {script: make}\n`);
  const stages = `stages: [${jobs.map((_, index) => `s${index}`).join(', ')}]\n`;
  const staged = jobs.map((job, index) => job.replace('{', `{stage: s${index}, `));
  const id = await app.push({ '.gitlab-ci.yml': stages + staged.join('') });
  const page = await world.visit(`/${app.path}/-/pipelines/${id}`);
  await page.waitForSelector('html[data-events="live"] .graph');
  const taken: number[] = [];
  for (let index = 0; index < CHANGES; index++) {
    runner.lastUpdate = null;
    const job = await runner.take();
    const seen = page.evaluate(
      (selector) =>
        new Promise<number>((resolve) => {
          const look = () =>
            document.querySelector(selector) === null ? requestAnimationFrame(look) : resolve(Date.now());
          look();
        }),
      `[data-card="job-${index}"] [aria-label="Passed"]`,
    );
    const started = Date.now();
    await runner.succeed(job);
    taken.push((await seen) - started);
  }
  app.close();
  const [median, p95] = [quantile(taken, 0.5), quantile(taken, 0.95)];
  console.log(`a job's end to the screen: median ${median} ms, p95 ${p95} ms (budget 300 ms)`);
}

async function thousand(): Promise<void> {
  const app = await Repository.make(server, 'thousand');
  const builds = Array.from({ length: 700 }, (_, index) => `job-${index}: {stage: build, script: make}\n`);
  const tests = Array.from(
    { length: 100 },
    (_, index) => `late-${index}: {stage: test, script: make, needs: [job-${index}]}\n`,
  );
  const wide = 'wide: {stage: test, script: make, parallel: 200}\n';
  const id = await app.push({ '.gitlab-ci.yml': [...builds, ...tests, wide].join('') });
  const page = await world.visit('/');
  for (const [view, ready] of [
    ['graph', '.dots'],
    ['list', '.job-rows'],
    ['timeline', '.timeline'],
  ]) {
    await page.goto('about:blank');
    const started = Date.now();
    await page.goto(`/${app.path}/-/pipelines/${id}?view=${view}`);
    await page.waitForSelector(ready!);
    const drawn = Date.now() - started;
    const { nodes, frames } = await scroll(page);
    console.log(
      `1,000 jobs as ${view}: ${drawn} ms to be drawn, ${nodes} elements, frames while scrolling: median ${quantile(frames, 0.5).toFixed(0)} ms, p95 ${quantile(frames, 0.95).toFixed(0)} ms`,
    );
  }
  app.close();
}

/** Scrolls to the end, 300 pixels a frame; how long each frame took. */
function scroll(page: Page): Promise<{ nodes: number; frames: number[] }> {
  return page.evaluate(async () => {
    const frames: number[] = [];
    let last = performance.now();
    for (let y = 0; y <= document.body.scrollHeight; y += 300) {
      scrollTo(0, y);
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    return { nodes: document.querySelectorAll('*').length, frames };
  });
}
