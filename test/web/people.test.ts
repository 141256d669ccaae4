import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { addTo, makePerson } from '../people.ts';
import { makeRunner, Repository, run } from './seed.ts';
import { webSuite } from './web-suite.ts';

const PASSWORD = 'correct horse battery';
const HOSTILE = `<img src=x onerror="document.title='owned'">`;

webSuite('people', (world) => {
  let secret: Repository;
  let open: Repository;
  let id: number;
  before(async () => {
    const { server } = world();
    secret = await Repository.make(server, 'secret');
    open = await Repository.make(server, 'open', { visibility: 'public' });
    const config = 'build: {script: make}\ndeploy: {script: make, when: manual}\n';
    id = (await secret.push({ '.gitlab-ci.yml': config }))!;
    await open.push({ '.gitlab-ci.yml': config }, { message: 'For everybody' });
    await run(await makeRunner(server), () => 'failed');
    for (const [name, level] of [
      ['guest', 10],
      ['reporter', 20],
      ['maintainer', 40],
      ['stranger', 0],
    ] as const) {
      const person = await makePerson(server, name, { password: PASSWORD });
      if (level > 0) await addTo(server, secret.id, person, level);
    }
  });
  after(() => {
    secret.close();
    open.close();
  });

  const as = (login: string) => ({ as: { login, password: PASSWORD } });

  it('who are strangers see the same as where nothing is', async () => {
    const texts: string[] = [];
    for (const address of [`/${secret.path}/-/pipelines/${id}`, '/root/absent/-/pipelines/1']) {
      const page = await world().visit(address, as('stranger'));
      await page.getByRole('heading', { name: 'Not found' }).waitFor();
      texts.push((await page.locator('main').textContent()) ?? '');
    }
    assert.equal(texts[0], texts[1]);
    const page = await world().visit('/', as('stranger'));
    await page.getByText('Push a repository to begin').waitFor();
    await page.getByRole('button', { name: 'All' }).click();
    await page.getByRole('link', { name: 'open' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'secret' }).count(), 0);
    await world().leave();
  });

  it('who are not signed in see what is public, and else are led to sign in and back', async () => {
    const page = await world().visit(`/${open.path}`, { as: null });
    await page.getByText('For everybody').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Run pipeline' }).count(), 0);
    await page.goto(`/${secret.path}/-/pipelines/${id}`);
    await page.waitForURL(
      `/users/sign_in?redirect_to=${encodeURIComponent(`/${secret.path}/-/pipelines/${id}`)}`,
    );
    await world().leave();
  });

  for (const [login, buttons, tabs] of [
    ['guest', [], ['Pipelines', 'Jobs', 'Schedules']],
    ['reporter', [], ['Pipelines', 'Jobs', 'Schedules']],
    [
      'maintainer',
      ['Retry failed', 'Retry build', 'Play deploy'],
      ['Pipelines', 'Jobs', 'Schedules', 'Editor', 'Runners', 'Variables', 'Settings'],
    ],
  ] as const) {
    it(`who are members see what they may do, and no more: ${login}`, async () => {
      const page = await world().visit(`/${secret.path}/-/pipelines/${id}`, as(login));
      await page.waitForSelector('.graph');
      const all = await page
        .getByRole('button', { name: /Retry|Play|Cancel|Delete/ })
        .evaluateAll((found) =>
          found.map((button) => button.getAttribute('aria-label') ?? button.textContent),
        );
      assert.deepEqual([...new Set(all)].sort(), [...buttons].sort());
      assert.deepEqual(await page.locator('.project-navigation a').allInnerTexts(), tabs);
      await page.goto(`/${secret.path}/-/pipelines`);
      await page.waitForSelector('.rows');
      assert.equal(
        await page.getByRole('link', { name: 'Run pipeline' }).count(),
        login === 'maintainer' ? 1 : 0,
      );
      await world().leave();
    });
  }

  it('who are hostile run nothing: names of branches, jobs, commits and projects are text', async () => {
    const { server } = world();
    const hostile = await Repository.make(server, 'hostile', { description: HOSTILE });
    const config = `"${HOSTILE.replaceAll('"', '\\"')}": {script: make}\nok: {script: make, environment: {name: x}}\n`;
    const pipeline = await hostile.push(
      { '.gitlab-ci.yml': config },
      { message: HOSTILE, branch: `<b>x</b>&'"` },
    );
    assert.ok(pipeline !== null);
    const addresses = [
      '/',
      `/${hostile.path}`,
      `/${hostile.path}/-/jobs`,
      ...['graph', 'list', 'timeline'].map((view) => `/${hostile.path}/-/pipelines/${pipeline}?view=${view}`),
    ];
    for (const address of addresses) {
      const page = await world().visit(address);
      await page.getByText('<img src=x', { exact: false }).first().waitFor();
      assert.equal(await page.locator('main img').count(), 0, address);
      assert.doesNotMatch(await page.title(), /^owned/);
    }
    hostile.close();
    await world().leave();
  });
});
