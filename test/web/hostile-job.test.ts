import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import type { Page } from 'playwright-core';
import { craftZip } from '../craft-zip.ts';
import { addTo, makePerson } from '../people.ts';
import type { Held, ScriptedRunner } from '../scripted-runner.ts';
import { makeRunner, Repository } from './seed.ts';
import { webSuite } from './web-suite.ts';

const ESC = '\u001b';
const EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>';

/** What a log may hold that wants to run: markup, attributes, links, titles, the clipboard, sections of strange names. */
const LOG = [
  EVIL,
  `${ESC}[38;5;1"onmouseover=alert(3)mcoloured`,
  `${ESC}]8;;javascript:alert(4)${ESC}\\a link${ESC}]8;;${ESC}\\`,
  `${ESC}]52;c;YWxlcnQoNSk=\u0007clipboard`,
  `${ESC}]0;title of the window\u0007after the title`,
  `${ESC}P+q544e${ESC}\\after the device`,
  `section_start:1700000000:"><script>alert(6)</script>\r${ESC}[0K${EVIL}`,
  `section_start:1700000000:odd.Name-1[collapsed=true,x="y"]\r${ESC}[0K<b>bold header</b>`,
  'inside',
  `section_end:1700000001:odd.Name-1\r${ESC}[0K`,
  `${ESC}[9999999999999999999m${ESC}[38;2;999;-1;xm${ESC}[;;;;m ends`,
  `${'x'.repeat(50_000)}<script>alert(7)</script>`,
  '\u0000\u0007\u0008\u202e reversed \u2066 isolated',
].join('\n');

webSuite('what hostile jobs leave runs nothing', (world) => {
  let repository: Repository;
  let runner: ScriptedRunner;
  let job: Held;
  const dialogs: string[] = [];

  const visit = async (address: string, as?: { login: string; password: string }): Promise<Page> => {
    const page = await world().visit(address, as === undefined ? {} : { as });
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    return page;
  };
  /** Elements that no page of ours has, and attributes that run. */
  const strange = (page: Page) =>
    page.evaluate(() =>
      [...document.querySelectorAll('*')].flatMap((element) => {
        const names = [...element.attributes].map(({ name, value }) => `${name}=${value}`);
        const bad = names.filter((text) => /^on/.test(text) || /javascript:/i.test(text));
        const script = element.tagName === 'SCRIPT' && !(element as HTMLScriptElement).src;
        const image = element.tagName === 'IMG' && !(element as HTMLImageElement).src.includes('/api/v4/');
        return script || image ? [element.outerHTML] : bad;
      }),
    );

  before(async () => {
    const { server } = world();
    repository = await Repository.make(server, 'hostile', { visibility: 'private' });
    const name = JSON.stringify(`job ${EVIL}`);
    await repository.push(
      { '.gitlab-ci.yml': `${name}: {script: [x], artifacts: {paths: [x]}}\n` },
      { message: EVIL },
    );
    runner = await makeRunner(server, EVIL);
    job = await runner.take();
    const evil = 'a"><img src=x onerror=alert(8)>.html';
    const bytes = craftZip([
      { name: evil, data: `<script>alert(9)</script>${EVIL}` },
      { name: 'dir <b>/x.svg', data: '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(10)"/>' },
      { name: 'not-an-image.png', data: '<script>alert(11)</script>' },
    ]);
    assert.equal((await runner.upload(job, { bytes })).status, 201);
    await runner.append(job, LOG);
    await runner.update(job, { state: 'failed', failure_reason: 'script_failure', exit_code: 1 });
  });

  it('a log, a name, a commit and a runner are text', async () => {
    const page = await visit(`/${repository.path}/-/jobs/${job.id}`);
    await page.waitForSelector('.log-row >> text=reversed');
    await page.keyboard.press('Home');
    await page.waitForSelector('.log-row >> text=onerror=alert(1)');
    assert.match((await page.textContent('h1')) ?? '', /<img src=x onerror=alert\(1\)>/);
    assert.deepEqual(await strange(page), []);
    const classes = await page.$$eval('.log-text *', (all) => [
      ...new Set(all.flatMap((one) => [...one.classList])),
    ]);
    for (const name of classes) assert.match(name, /^(fg-\d+|bg-\d+|is-\w+|log-cut)$/);
    assert.equal(await page.$$eval('.log-text a', (links) => links.length), 0);
    assert.match(await page.title(), /^Failed · job/);
    assert.deepEqual(dialogs, []);
    await world().leave();
  });

  it('files of every name are text, pictures that are none stay broken, and raw bytes are sandboxed', async () => {
    const base = `/${repository.path}/-/jobs/${job.id}/artifacts`;
    const page = await visit(`${base}/browse`);
    await page.click('.artifact-table >> text=onerror');
    await page.waitForSelector('.artifact-text >> text=<script>alert(9)</script>');
    assert.deepEqual(await strange(page), []);
    await page.goto(`${base}/browse/${encodeURIComponent('dir <b>')}`);
    await page.click('.artifact-table >> text=x.svg');
    await page.waitForSelector('.artifact-text >> text=onload');
    await page.goto(`${base}/file/not-an-image.png`);
    await page.waitForSelector('.artifact-image img');
    assert.equal(
      await page.$eval('.artifact-image img', (image) => (image as HTMLImageElement).naturalWidth),
      0,
    );
    const raw = await page.goto(`/${repository.path}/-/jobs/${job.id}/raw`);
    assert.match(raw?.headers()['content-type'] ?? '', /^text\/plain/);
    assert.match(raw?.headers()['content-security-policy'] ?? '', /sandbox/);
    assert.deepEqual(dialogs, []);
    await world().leave();
  });

  it('a log that printed its environment is not for reporters, and a stranger sees nothing', async () => {
    const { server } = world();
    const password = 'a long password';
    for (const name of ['reporter', 'stranger']) {
      const person = await makePerson(server, `web-${name}`, { password });
      if (name === 'reporter') await addTo(server, repository.id, person, 20);
    }
    await server.rooms.db.transaction((tx) =>
      tx.sql.updateTable('jobs').set({ debug: 1 }).where('id', '=', job.id).execute(),
    );
    const address = `/${repository.path}/-/jobs/${job.id}`;
    const reporter = await visit(address, { login: 'web-reporter', password });
    await reporter.waitForSelector('text=This log is not for everybody');
    assert.equal(await reporter.$('.log'), null);
    const stranger = await visit(address, { login: 'web-stranger', password });
    await stranger.waitForSelector('main h1');
    assert.doesNotMatch((await stranger.textContent('main')) ?? '', /job|hostile/i);
    await world().leave();
  });
});
