import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Repository } from './seed.ts';
import { webSuite } from './web-suite.ts';

webSuite('the keyboard', (world) => {
  let app: Repository;
  before(async () => {
    app = await Repository.make(world().server, 'app');
    await app.push({ '.gitlab-ci.yml': 'build: {script: make}' }, { message: 'Older' });
    await app.push({ 'a.txt': '1' }, { message: 'Newer' });
  });
  after(() => app.close());

  it('goes everywhere, and ? says how', async () => {
    const page = await world().visit('/');
    await page.waitForSelector('.rows');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`/${app.path}`);
    await page.waitForSelector('.pipelines');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Newer');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.graph');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard' });
    for (const text of ['Go to jobs', 'Show the timeline', 'Next row', 'Put the cursor into the filter']) {
      await help.getByText(text).waitFor();
    }
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.type('gj');
    await page.waitForURL(`/${app.path}/-/jobs`);
    await page.waitForSelector('.jobs');
    await page.keyboard.press('/');
    await page.keyboard.type('gp?');
    assert.equal(await page.getByLabel("Part of the job's name").inputValue(), 'gp?');
    await page.keyboard.press('Escape');
    await page.getByLabel("Part of the job's name").blur();
    await page.keyboard.type('gh');
    await page.waitForURL('/');
    await world().leave();
  });

  it('changes the theme, which stays', async () => {
    const page = await world().visit('/', { colorScheme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.waitForSelector('.rows');
    const dark = await ground();
    await page.keyboard.press('t');
    const light = await ground();
    assert.notEqual(light, dark);
    await page.reload();
    await page.waitForSelector('.rows');
    assert.equal(await ground(), light);
    await page.getByRole('button', { name: 'Theme: light' }).click();
    assert.equal(await ground(), dark);
    await page.getByRole('button', { name: 'Theme: dark' }).click();
    await page.getByRole('button', { name: 'Theme: system' }).waitFor();
    await world().leave();
  });
});
