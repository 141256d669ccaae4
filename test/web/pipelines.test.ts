import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { ScriptedRunner } from '../scripted-runner.ts';
import { makeRunner, Repository, run } from './seed.ts';
import { webSuite } from './web-suite.ts';

const CONFIG = `
build: {stage: build, script: make}
unit: {stage: test, script: make unit, parallel: 3}
docs: {stage: test, script: make docs, needs: []}
deploy: {stage: deploy, script: make deploy, when: manual, allow_failure: true}
`;

webSuite('pipelines in the browser', (world) => {
  let runner: ScriptedRunner;
  let app: Repository;
  before(async () => {
    runner = await makeRunner(world().server);
    app = await Repository.make(world().server, 'app');
  });
  after(() => app.close());

  /** Opens a page, and waits until it hears of changes. */
  const live = async (address: string): Promise<Page> => {
    const page = await world().visit(address);
    await page.waitForSelector('main h1');
    await page.waitForSelector('html[data-events="live"]');
    return page;
  };
  const card = (page: Page, name: string) => page.locator(`.card[data-card="${name}"]`);

  it('teach the first push while there is none, and show it when it comes', async () => {
    const page = await live(`/${app.path}`);
    assert.match(
      (await page.locator('.commands').textContent()) ?? '',
      /git remote add teaspoon http:\/\/root@127\.0\.0\.1:\d+\/root\/app\.git\s+git push teaspoon HEAD:main/,
    );
    await app.push({ '.gitlab-ci.yml': CONFIG }, { message: 'The first one' });
    await page.locator('.pipelines .row', { hasText: 'The first one' }).waitFor();
    await world().leave();
  });

  it('go green live: pushed, taken, done, without loading the page again', async () => {
    const id = await app.push({ 'a.txt': '1' }, { message: 'To be green' });
    const page = await live(`/${app.path}/-/pipelines/${id}`);
    await page.locator('.pipeline-status', { hasText: 'Pending' }).waitFor();
    assert.match(await page.title(), /^Pending · #\d+ main · root\/app · Teaspoon$/);
    const [held] = await run(runner, ({ payload }) =>
      payload.job_info.name === 'build' ? 'hold' : 'success',
    );
    await card(page, 'build').getByRole('img', { name: 'Running' }).waitFor();
    await page.locator('.pipeline-status', { hasText: 'Running' }).waitFor();
    await runner.succeed(held!);
    await run(runner);
    await page.locator('.pipeline-status', { hasText: 'Passed' }).waitFor();
    assert.match(await page.title(), /^Passed · /);
    assert.match((await page.getAttribute('link[rel=icon]', 'href')) ?? '', /%231f883d/);
    assert.equal(await page.locator('.card').count(), 4);
    await card(page, 'unit').getByRole('button').first().click();
    await card(page, 'unit').getByRole('link').nth(2).waitFor();
    assert.equal(await card(page, 'unit').getByRole('link').count(), 3);
    await world().leave();
  });

  it('are filtered by the address, and the address by the filters', async () => {
    await app.push({ 'a.txt': '2' }, { message: 'On a branch', branch: 'feature/x' });
    await run(runner, () => 'failed');
    const page = await live(`/${app.path}/-/pipelines?ref=feature%2Fx`);
    await page.locator('.pipelines .row').waitFor();
    assert.equal(await page.locator('.pipelines .row').count(), 1);
    await page.keyboard.press('/');
    await page.keyboard.type('main');
    await page.waitForURL(/ref=main$/);
    await page.locator('.row', { hasText: 'To be green' }).waitFor();
    await page.getByLabel('Status').selectOption('failed');
    await page.waitForURL(/ref=main&status=failed$/);
    await page.getByText('No pipeline matches').waitFor();
    await page.getByRole('link', { name: 'show all pipelines' }).click();
    await page.locator('.row', { hasText: 'On a branch' }).waitFor();
    assert.equal(new URL(page.url()).search, '');
    await page.getByLabel('Source').selectOption('schedule');
    await page.getByText('No pipeline matches').waitFor();
    await page.goto(`/${app.path}/-/pipelines?username=nobody`);
    await page.getByText('No pipeline matches').waitFor();
    await world().leave();
  });

  it('are retried, cancelled and played, after a question where work is lost', async () => {
    const id = await app.push({ 'a.txt': '3' }, { message: 'To be acted on' });
    await run(runner, ({ payload }) => (/^unit 2/.test(payload.job_info.name) ? 'failed' : 'success'));
    const page = await live(`/${app.path}/-/pipelines/${id}`);
    const failed = page.locator('.failed-job', { hasText: 'unit 2/3' });
    await failed.getByText('The script failed').waitFor();
    await failed.getByRole('button', { name: 'Log' }).click();
    const end = page.locator('.log-end', { hasText: '$ make unit 2/3' });
    assert.equal(await end.textContent(), 'Script\n$ make unit 2/3');
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await failed.waitFor({ state: 'detached' });
    const [held] = await run(runner, () => 'hold');
    await card(page, 'unit').getByRole('img', { name: 'Running' }).first().waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialog = page.getByRole('dialog');
    assert.match((await dialog.textContent()) ?? '', /1 running and 0 waiting/);
    await page.keyboard.press('Escape');
    await page.locator('.pipeline-status', { hasText: 'Running' }).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dialog.getByRole('button', { name: 'Cancel pipeline' }).click();
    await page.locator('.pipeline-status', { hasText: /Cancel/ }).waitFor();
    await runner.update(held!, { state: 'failed' });
    await page.locator('.pipeline-status', { hasText: 'Canceled' }).waitFor();
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await run(runner);
    await page.locator('.pipeline-status', { hasText: 'Passed' }).waitFor();
    await card(page, 'deploy').getByRole('button', { name: 'Play deploy' }).click();
    await card(page, 'deploy').getByRole('img', { name: 'Pending' }).waitFor();
    await run(runner);
    await card(page, 'deploy').getByRole('img', { name: 'Passed' }).waitFor();
    await world().leave();
  });

  it('are run from a form that offers what the configuration describes', async () => {
    const config = `
spec:
  inputs:
    region: {description: Where to, options: [fra, ams], default: fra}
    count: {type: number}
---
variables:
  LEVEL: {value: info, description: How loud}
  HIDDEN: {value: "1"}
show:
  script: echo "$[[ inputs.region ]] $[[ inputs.count ]]"
`;
    await app.push({ '.gitlab-ci.yml': config }, { branch: 'with-inputs' });
    const page = await live(`/${app.path}/-/pipelines/new`);
    await page.getByLabel('Branch or tag').fill('with-inputs');
    await page.getByText('How loud').waitFor();
    assert.equal(await page.getByText('HIDDEN').count(), 0);
    await page.getByLabel('Value of LEVEL').fill('debug');
    await page.getByLabel('region').selectOption('ams');
    await page.getByLabel('count').fill('3');
    await page.getByRole('button', { name: 'Add variable' }).click();
    await page.getByLabel('Name of the variable').fill('EXTRA');
    await page.getByLabel('Value of EXTRA').fill('more');
    await page.getByRole('button', { name: 'Run pipeline' }).click();
    await page.waitForURL(/\/-\/pipelines\/\d+$/);
    const id = Number(new URL(page.url()).pathname.split('/').at(-1));
    const { body } = await world().server.api<{ key: string; value: string }[]>(
      'GET',
      `/projects/${app.id}/pipelines/${id}/variables`,
    );
    assert.deepEqual(body.map(({ key, value }) => [key, value]).sort(), [
      ['EXTRA', 'more'],
      ['LEVEL', 'debug'],
    ]);
    runner.lastUpdate = null;
    const job = await runner.take();
    assert.deepEqual(job.payload.steps?.[0]?.script, ['echo "ams 3"']);
    await runner.succeed(job);
    await world().leave();
  });

  it('are scheduled with the inputs that the configuration declares', async () => {
    const path = `/projects/${app.id}/pipeline_schedules`;
    const inputs = async () =>
      (await world().server.api<{ id: number; inputs: unknown }[]>('GET', path)).body.map(
        (one) => one.inputs,
      );
    const page = await live(`/${app.path}/-/pipeline_schedules/new`);
    await page.getByLabel('Description').fill('Nightly');
    await page.getByLabel('Branch or tag').fill('with-inputs');
    await page.getByLabel('region').selectOption('ams');
    await page.getByLabel('count').fill('5');
    await page.getByRole('button', { name: 'Make schedule' }).click();
    await page.waitForURL(/pipeline_schedules$/);
    assert.deepEqual(await inputs(), [
      [
        { name: 'region', value: 'ams' },
        { name: 'count', value: 5 },
      ],
    ]);
    const [{ id }] = (await world().server.api<[{ id: number }]>('GET', path)).body;
    await page.goto(`/${app.path}/-/pipeline_schedules/${id}/edit`);
    assert.equal(await page.getByLabel('count').inputValue(), '5');
    await page.getByLabel('count').fill('6');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/pipeline_schedules$/);
    assert.deepEqual(await inputs(), [
      [
        { name: 'region', value: 'ams' },
        { name: 'count', value: 6 },
      ],
    ]);
    await world().leave();
  });

  it('have jobs that are found by status and by a part of the name, all in the address', async () => {
    const page = await live(`/${app.path}/-/jobs`);
    await page.locator('.jobs li').first().waitFor();
    await page.getByRole('button', { name: 'Failed' }).click();
    await page.waitForURL(/scope=failed$/);
    await page.locator('.jobs li').first().waitFor();
    const statuses = async () => [...new Set(await page.locator('.jobs .status').allTextContents())];
    assert.deepEqual(await statuses(), ['Failed']);
    await page.keyboard.press('/');
    await page.keyboard.type('DOC');
    await page.waitForURL(/scope=failed&name=DOC$/);
    await page.getByText('No job matches').or(page.locator('.jobs li').first()).waitFor();
    await page.getByRole('button', { name: 'All' }).click();
    await page.locator('.jobs a', { hasText: 'docs' }).first().waitFor();
    assert.deepEqual([...new Set(await page.locator('.jobs a[data-row]').allTextContents())], ['docs']);
    const before = await page.locator('.jobs li').count();
    await app.push({ '.gitlab-ci.yml': CONFIG }, { branch: 'more' });
    await page.locator('.jobs .status', { hasText: 'Pending' }).waitFor();
    assert.equal(await page.locator('.jobs li').count(), before + 1);
    await run(runner);
    await page.locator('.jobs .status', { hasText: 'Pending' }).waitFor({ state: 'detached' });
    await world().leave();
  });

  it('say what is wrong with a configuration, and what an input lacks', async () => {
    const id = await app.push({ '.gitlab-ci.yml': 'a: {stage: nowhere, script: x}' }, { branch: 'broken' });
    const page = await live(`/${app.path}/-/pipelines/${id}`);
    await page.getByText('chosen stage nowhere does not exist').waitFor();
    await page.goto(`/${app.path}/-/pipelines/new?ref=broken`);
    await page.getByText('chosen stage nowhere does not exist').waitFor();
    await page.goto(`/${app.path}/-/pipelines/new?ref=absent`);
    await page.getByText('Reference not found').waitFor();
    await world().leave();
  });
});
