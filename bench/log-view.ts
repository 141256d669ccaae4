/**
 * The log view in a real headless Chromium: a log of 100 MB and 1,000,000 lines, finished and live, and how long a line takes from the
 * runner to the screen (design 7). Runs the built-in runner, and gitlab-runner where there is one (`GITLAB_RUNNER`).
 *
 *     npm run build:web && node bench/log-view.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { GitlabRunner, WITHOUT_GITLAB_RUNNER } from '../test/clients/gitlab-runner-program.ts';
import { RunnerSite } from '../test/clients/runner-site.ts';
import type { Held, ScriptedRunner } from '../test/scripted-runner.ts';
import { startTestServer, type TestServer } from '../test/start-server.ts';
import { openBrowser } from '../test/web/chromium.ts';
import { makeRunner, Repository } from '../test/web/seed.ts';
import { WebWorld } from '../test/web/web-suite.ts';

const LINES = 1_000_000;
const BYTES = 100_000_000;
const JUMPS = 60;
const PATCHES = 100;

function report(what: string, value: number, unit: string, budget: number): void {
  const ratio = (value / budget).toFixed(2);
  console.log(
    `${what}: ${value.toFixed(value < 10 ? 1 : 0)} ${unit} (${ratio} of the budget ${budget} ${unit})`,
  );
}

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}

/** A million lines that together are 100 MB: numbers, colours, a section every 10,000 lines, 200 errors. */
function* logParts(): Generator<Buffer> {
  const perPart = 10_000;
  for (let first = 0; first < LINES; first += perPart) {
    const lines: string[] = [];
    for (let n = first; n < first + perPart; n++) {
      const error = n % 5000 === 4999 ? 'error: ' : '';
      const text = `\u001b[32mstep ${n}\u001b[0m ${error}of a build that prints a lot `;
      lines.push(text.padEnd(BYTES / LINES - 1, '.').slice(0, BYTES / LINES - 1));
    }
    const at = 1_790_000_000 + first / 1000;
    lines[0] = `section_start:${at}:part_${first}\r\u001b[0KPart ${first}`.padEnd(BYTES / LINES - 1, '.');
    lines[perPart - 1] = `section_end:${at + 9}:part_${first}\r\u001b[0K`.padEnd(BYTES / LINES - 1);
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

/** Jobs by name of a pipeline that is pushed, taken by a scripted runner. */
async function takeJobs(server: TestServer, names: string[]) {
  const repository = await Repository.make(server, 'logs');
  await repository.push({ '.gitlab-ci.yml': names.map((name) => `${name}: {script: [x]}\n`).join('') });
  const runner = await makeRunner(server);
  const jobs: Record<string, Held> = {};
  for (const _ of names) {
    const job = await runner.take();
    jobs[job.payload.job_info.name] = job;
  }
  return { repository, runner, jobs };
}

/** Notes when the first line of a log is on the screen, and when each line that says `mark <n>` is. */
const WATCH = `
  window.marks = {};
  const look = () => {
    const texts = document.querySelectorAll('.log-row .log-text');
    for (const text of texts) {
      if (text.textContent === '') continue;
      window.firstPaint ??= performance.now();
      const mark = /^mark (\\d+)/.exec(text.textContent);
      if (mark !== null) window.marks[mark[1]] ??= performance.timeOrigin + performance.now();
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);`;

async function visit(world: WebWorld, address: string): Promise<Page> {
  const page = await world.visit('/', { bypassCSP: true }); // the measuring scripts are no part of the UI
  await page.addInitScript(WATCH);
  await page.goto(address);
  return page;
}

async function firstPaint(page: Page): Promise<number> {
  await page.waitForFunction('window.firstPaint !== undefined');
  return page.evaluate<number>('window.firstPaint');
}

/** Milliseconds from setting the address of a line to its text being on the screen. */
function jump(page: Page, line: number): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const begun = performance.now();
    location.hash = '#L${line}';
    const look = () => {
      const row = [...document.querySelectorAll('.log-row.is-selected')].find((row) => row.querySelector('.log-text').textContent !== '');
      if (row !== undefined && row.querySelector('.log-number').textContent === '${line}') resolve(performance.now() - begun);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
}

async function heapOf(session: CDPSession): Promise<{ heap: number; nodes: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { heap: value('JSHeapUsedSize') / 1024 / 1024, nodes: value('Nodes') };
}

async function measureLong(world: WebWorld, address: string, what: string): Promise<void> {
  const paints: number[] = [];
  for (let visitNumber = 0; visitNumber < 3; visitNumber++) {
    const page = await visit(world, address);
    paints.push(await firstPaint(page));
    await page.context().close();
  }
  report(`${what}, first paint, cold`, paints[0]!, 'ms', 1000);
  report(`${what}, first paint, later`, Math.max(...paints.slice(1)), 'ms', 1000);
  const page = await visit(world, address);
  await firstPaint(page);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await heapOf(session);
  const jumps: number[] = [];
  for (let n = 0; n < JUMPS; n++) jumps.push(await jump(page, 1 + ((n * 618_033) % LINES)));
  report(`${what}, jump to a line, p95 of ${JUMPS}`, quantile(jumps, 0.95), 'ms', 300);
  console.log(`  median ${quantile(jumps, 0.5).toFixed(0)} ms, longest ${Math.max(...jumps).toFixed(0)} ms`);
  const begun = performance.now();
  await page.fill('.log-search input', 'step 777777');
  await page.waitForSelector('.log-count >> text=/of/');
  await page.waitForSelector('mark.is-current');
  console.log(
    `  search of the whole log, from the last key to the match on the screen: ${(performance.now() - begun).toFixed(0)} ms`,
  );
  for (let n = 0; n < 100; n++) {
    await page.$eval(
      '.log-scroller',
      (log, part) => {
        log.scrollTop = part * log.scrollHeight;
      },
      (n * 0.618) % 1,
    );
    await page.waitForTimeout(20);
  }
  await sleep(500);
  const after = await heapOf(session);
  const rows = await page.locator('.log-row').count();
  console.log(
    `  rows in the page ${rows}, DOM nodes ${after.nodes}, heap ${before.heap.toFixed(1)} MiB before, ${after.heap.toFixed(1)} MiB after ${JUMPS} jumps and 100 scrolls`,
  );
  await page.context().close();
}

/** How long other requests wait while the whole log is searched, beside how long they wait while nothing is. */
async function measureSearch(server: TestServer, projectId: number, jobId: number): Promise<void> {
  const took: number[] = [];
  const waitsWhile = async (work: () => Promise<unknown>) => {
    const waits: number[] = [];
    let working = true;
    const done = work().then(() => {
      working = false;
    });
    while (working) {
      const asked = performance.now();
      await (await fetch(`${server.url}/-/liveness`)).arrayBuffer();
      waits.push(performance.now() - asked);
    }
    await done;
    return waits;
  };
  const [searching, idle]: [number[], number[]] = [[], []];
  for (let n = 0; n < 5; n++) {
    const begun = performance.now();
    const path = `/projects/${projectId}/jobs/${jobId}/trace/search?q=not+in+it`;
    searching.push(...(await waitsWhile(() => server.api('GET', path))));
    took.push(performance.now() - begun);
    idle.push(...(await waitsWhile(() => sleep(took.at(-1)))));
  }
  report(`100 MB searched, p99 of ${searching.length} others`, quantile(searching, 0.99), 'ms', 50);
  console.log(
    `  longest ${Math.max(...searching).toFixed(0)} ms, without a search ${Math.max(...idle).toFixed(0)} ms; a search takes ${quantile(took, 0.5).toFixed(0)} ms beside them`,
  );
}

async function measurePatches(
  world: WebWorld,
  runner: ScriptedRunner,
  job: Held,
  address: string,
): Promise<void> {
  await runner.append(job, 'begun\n');
  const page = await visit(world, address);
  await firstPaint(page);
  await sleep(500);
  const sent: number[] = [];
  for (let n = 0; n < PATCHES; n++) {
    sent.push(Date.now());
    await runner.append(job, `mark ${n}\n`);
    await sleep(20 + ((n * 37) % 60));
  }
  await sleep(500);
  await showLatency(page, 'from PATCH to screen', sent, 300);
}

async function showLatency(page: Page, what: string, sent: number[], budget: number): Promise<void> {
  const marks = await page.evaluate<Record<string, number>>('window.marks');
  const seen = sent.flatMap((at, n) => (marks[n] === undefined ? [] : [marks[n] - at]));
  report(`${what}, p95 of ${seen.length}`, quantile(seen, 0.95), 'ms', budget);
  console.log(`  median ${quantile(seen, 0.5).toFixed(0)} ms, longest ${Math.max(...seen).toFixed(0)} ms`);
  await page.context().close();
}

/** A job that says for each line when it printed it, watched while it runs. */
const TALKATIVE = `talk:
  script:
    - sleep 4
    - 'for n in $(seq 0 39); do echo "mark $n $(date +%s%3N)"; sleep 0.37; done'
`;

async function measureRunner(world: WebWorld, name: string, start: () => Promise<void>): Promise<void> {
  const { server } = world;
  const repository = await Repository.make(server, `talk-${name}`);
  const pipeline = await repository.push({ '.gitlab-ci.yml': TALKATIVE });
  await start();
  const { body } = await server.api<{ id: number }[]>(
    'GET',
    `/projects/${repository.id}/pipelines/${pipeline}/jobs`,
  );
  const id = body[0]!.id;
  const page = await visit(world, `/${repository.path}/-/jobs/${id}`);
  await page.waitForFunction('window.marks[39] !== undefined', undefined, { timeout: 60_000 });
  const { body: log } = await server.api<string>('GET', `/projects/${repository.id}/jobs/${id}/trace`);
  const sent: number[] = [];
  for (const [, n, at] of log.matchAll(/mark (\d+) (\d{13})/g)) sent[Number(n)] = Number(at);
  await showLatency(page, `from echo to screen, ${name}`, sent, 1500);
  repository.close();
}

const { server, drop } = await startTestServer('sqlite');
const world = new WebWorld(server, await openBrowser());
try {
  const { repository, runner, jobs } = await takeJobs(server, ['over', 'live', 'talk']);
  const addressOf = (name: string) => `/${repository.path}/-/jobs/${jobs[name]!.id}`;
  for (const name of ['live', 'over']) {
    const job = jobs[name]!;
    for (const part of logParts()) await runner.append(job, part);
  }
  await runner.succeed(jobs.over!);
  await server.rooms.traces.archiveFinished(10, Date.now());
  await measureLong(world, addressOf('over'), '100 MB, finished');
  await measureLong(world, addressOf('live'), '100 MB, live');
  await measureSearch(server, repository.id, jobs.over!.id);
  await measurePatches(world, runner, jobs.talk!, addressOf('talk'));
  for (const name of ['live', 'talk']) await runner.succeed(jobs[name]!);
  repository.close();
  if (WITHOUT_GITLAB_RUNNER === false) {
    const site = new RunnerSite(server, () => new GitlabRunner());
    await measureRunner(world, 'gitlab-runner', async () => void (await site.start()));
    await site.leave();
  }
} finally {
  await world.browser.close();
  await drop();
}
const own = await startTestServer('sqlite', { runner: 'on' });
const ownWorld = new WebWorld(own.server, await openBrowser());
try {
  await measureRunner(ownWorld, 'built-in runner', async () => {});
} finally {
  await ownWorld.browser.close();
  await own.drop();
}
