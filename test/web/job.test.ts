import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type JobScene, openJobScene } from './job-scene.ts';
import { webSuite } from './web-suite.ts';

const ROW = '.log-row';

/** Lines in sight or near it, by number, as they read. */
function rowsOf(page: Page): Promise<Record<string, string>> {
  return page.$$eval('.log-row', (rows) =>
    Object.fromEntries(
      rows.map((row) => [
        row.querySelector('.log-number')!.textContent,
        row.querySelector('.log-text')!.textContent,
      ]),
    ),
  );
}

/** How far the log is scrolled from its end, pixels. */
function fromEnd(page: Page): Promise<number> {
  return page.$eval('.log-scroller', (log) => log.scrollHeight - log.clientHeight - log.scrollTop);
}

webSuite('the page of a job', (world) => {
  let scene: JobScene;
  const jobAddress = (name: keyof JobScene['jobs'], rest = '') =>
    `/${scene.path}/-/jobs/${scene.jobs[name]}${rest}`;
  const open = async (name: keyof JobScene['jobs'], rest = '') => {
    const page = await world().visit(jobAddress(name, rest));
    await page.waitForSelector('.log-toolbar');
    return page;
  };

  before(async () => {
    scene = await openJobScene(world().server);
  });

  it('shows a log as it grows, follows it, and lets the reader go where they want', async () => {
    const page = await open('watch');
    await page.waitForSelector(`${ROW} >> text=make watch`);
    const write = async (first: number, count: number) => {
      const lines = Array.from({ length: count }, (_, n) => `line ${first + n}\n`);
      await scene.runner.append(scene.running, lines.join(''));
    };
    await write(0, 200);
    await page.waitForSelector(`${ROW} >> text=/^line 199$/`);
    assert.ok((await fromEnd(page)) < 2, 'the end is in sight');
    await page.hover('.log-scroller');
    await page.mouse.wheel(0, -1500);
    await page.waitForSelector('.log-follow');
    const before = await page.$eval('.log-scroller', (log) => log.scrollTop);
    await write(200, 100);
    await page.waitForFunction(() => document.querySelector('.log-spacer')!.clientHeight > 300 * 20);
    assert.equal(
      await page.$eval('.log-scroller', (log) => log.scrollTop),
      before,
      'reading is not disturbed',
    );
    await page.keyboard.press('End');
    await page.waitForSelector(`${ROW} >> text=/^line 299$/`);
    await write(300, 50);
    await page.waitForSelector(`${ROW} >> text=/^line 349$/`);
    assert.ok((await fromEnd(page)) < 2, 'the end is followed again');
    assert.equal(await page.$('.log-follow'), null);
    await scene.runner.append(scene.running, 'half a line');
    await page.waitForSelector(`${ROW} >> text=/^half a line$/`);
    await scene.runner.append(scene.running, ' and its rest\n');
    await page.waitForSelector(`${ROW} >> text=/^half a line and its rest$/`);
    await world().leave();
  });

  it('opens with the failure in sight: passed sections are shut, the failing ones open', async () => {
    const page = await open('unit');
    await page.waitForSelector(`${ROW} >> text=ERROR: Job failed: exit code 1`);
    await page.waitForSelector('.job-failure >> text=/exit code 1/');
    assert.match(Object.values(await rowsOf(page)).join('\n'), /1 of 180 tests failed/);
    await page.keyboard.press('Home');
    await page.waitForSelector(`${ROW} >> text=Running with gitlab-runner`);
    const sections = await page.$$eval('.log-section', (heads) =>
      heads.map((head) => [
        head.querySelector('.log-text')!.textContent,
        head.getAttribute('aria-expanded'),
        head.querySelector('.log-duration')!.textContent,
      ]),
    );
    assert.deepEqual(sections.slice(0, 6), [
      ['Preparing the "docker" executor', 'false', '0:04'],
      ['Preparing environment', 'false', '0:01'],
      ['Getting source from Git repository', 'false', '0:02'],
      ['Executing "step_script" stage of the job script', 'true', '1:29'],
      ['Installing 412 packages', 'false', '0:24'],
      ['Unit tests', 'true', '1:03'],
    ]);
    await page.click('.log-section >> text=Installing 412 packages');
    await page.waitForSelector(`${ROW} >> text=/^added 412 packages in 24s$/`);
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.querySelectorAll('.log-row').length < 10);
    await page.keyboard.press('a');
    await page.waitForSelector(`${ROW} >> text=Using Docker executor`);
    await world().leave();
  });

  it('finds text in the whole log and goes from match to match, into sections that are shut', async () => {
    const page = await open('unit');
    await page.keyboard.press('Home');
    await page.keyboard.press('/');
    await page.keyboard.type('using docker');
    await page.waitForSelector('.log-count >> text=/^1 of 2$/');
    await page.waitForSelector('mark.is-current >> text=Using Docker');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.log-count >> text=/^2 of 2$/');
    assert.equal(await page.textContent('mark.is-current'), 'Using docker');
    await page.keyboard.press('Shift+Enter');
    await page.waitForSelector('.log-count >> text=/^1 of 2$/');
    await page.click('button[aria-label="Match case"]');
    await page.fill('.log-search input', 'Using docker');
    await page.waitForSelector('.log-count >> text=/^1 of 1$/');
    await page.fill('.log-search input', 'not to be found');
    await page.waitForSelector('.log-count >> text=/^none$/');
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await page.waitForSelector('.log-row.is-error');
    const first = await page.textContent('.log-row.is-error .log-number');
    await page.keyboard.press('e');
    await page.waitForFunction(
      (number) => document.querySelector('.is-error .log-number')?.textContent !== number,
      first,
    );
    await world().leave();
  });

  it('has an address for each line and for several, which opens there', async () => {
    const page = await open('unit', '#L204');
    await page.waitForSelector('.is-selected >> text=actual - expected');
    await page.click('.log-number >> text=/^202$/');
    assert.match(page.url(), /#L202$/);
    await page.click('.log-number >> text=/^206$/', { modifiers: ['Shift'] });
    assert.match(page.url(), /#L202-L206$/);
    assert.equal(await page.locator('.log-row.is-selected').count(), 5);
    const again = await world().visit(page.url());
    await again.waitForSelector('.log-row.is-selected');
    assert.deepEqual(
      await again.$$eval('.is-selected .log-number', (all) => all.map((one) => one.textContent)),
      ['202', '203', '204', '205', '206'],
    );
    const hidden = await world().visit(jobAddress('unit', '#L5'));
    await hidden.waitForSelector('.is-selected >> text=Pulling docker image');
    await hidden.evaluate(() => {
      location.hash = '#L204';
    });
    await hidden.waitForSelector('.is-selected >> text=actual - expected');
    await world().leave();
  });

  it('wraps lines or not, and shows when they were written', async () => {
    const page = await open('unit');
    await page.waitForSelector(ROW);
    assert.equal(await page.locator('.log.is-wrapped').count(), 1);
    await page.keyboard.press('w');
    assert.equal(await page.locator('.log.is-wrapped').count(), 0);
    await page.keyboard.press('s');
    await page.waitForSelector('.log-time >> text=/^\\+\\d+:\\d\\d$/');
    await page.keyboard.press('s');
    await page.waitForSelector('.log-time >> text=/^\\d\\d:\\d\\d:\\d\\d$/');
    await page.reload();
    await page.waitForSelector('.log-time >> text=/^\\d\\d:\\d\\d:\\d\\d$/');
    await world().leave();
  });

  it('says why a job waits', async () => {
    const page = await open('gpu');
    await page.waitForSelector('.job-waiting >> text=/lacks the tags gpu, cuda/');
    await page.waitForSelector('text=The log begins when the job starts.');
    assert.match(await page.title(), /^Pending · gpu/);
    await world().leave();
  });

  it('plays a job with variables, shows it start and end by itself, and tries it again', async () => {
    const page = await open('deploy');
    await page.waitForSelector('.job-waiting >> text=Waits for somebody to start it');
    await page.click('.page-head button:has-text("Play")');
    await page.fill('input[aria-label="Key"]', 'TARGET');
    await page.fill('input[aria-label="Value"]', 'moon & <stars>');
    await page.click('dialog button:has-text("Play")');
    await page.waitForSelector('.page-head >> text=Pending');
    const job = await scene.runner.take();
    assert.equal(job.payload.variables.find(({ key }) => key === 'TARGET')?.value, 'moon & <stars>');
    await scene.runner.append(job, 'deploying\n');
    await page.waitForSelector(`${ROW} >> text=/^deploying$/`);
    await page.waitForSelector('.page-head >> text=Running');
    await scene.runner.succeed(job);
    await page.waitForSelector('.page-head >> text=Passed');
    await page.click('.page-head button:has-text("Retry")');
    await page.waitForURL((url) => !url.pathname.endsWith(`/${scene.jobs.deploy}`));
    await page.waitForSelector('section[aria-label="Attempts (2)"]');
    await page.click('.page-head button:has-text("Cancel")');
    await page.waitForSelector('.page-head >> text=Canceled');
    await world().leave();
  });

  it('lets artifacts be browsed, looked at and downloaded', async () => {
    const page = await open('build');
    await page.click('.job-side >> text=Browse');
    await page.click('.artifact-table >> text=dist');
    await page.click('.artifact-table >> text=notes.txt');
    await page.waitForSelector('.artifact-text >> text=Reads from where the last one ended.');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.click('.actions >> text=Download'),
    ]);
    assert.equal(file.suggestedFilename(), 'notes.txt');
    await page.goBack();
    await page.click('.artifact-table >> text=index.html');
    await page.waitForSelector('.artifact-text >> text=<script>alert(1)</script>');
    await page.goto(jobAddress('build', '/artifacts/file/dist/logo.png'));
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>('.artifact-image img')?.naturalWidth === 1,
    );
    await page.goto(jobAddress('build', '/artifacts/file/dist/assets/data.bin'));
    await page.waitForSelector('text=This file is no text');
    await page.goto(jobAddress('build', '/artifacts/browse'));
    const [archive] = await Promise.all([page.waitForEvent('download'), page.click('text=Download all')]);
    assert.match(archive.suggestedFilename(), /\.zip$/);
    await world().leave();
  });
});
