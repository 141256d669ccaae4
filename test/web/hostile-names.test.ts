import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Repository } from './seed.ts';
import { webSuite } from './web-suite.ts';

/** Closes attributes, tags, comments and strings, and asks to be run in each of them. */
const EVIL = `"'><img src=x onerror=alert(1)><svg/onload=alert(2)>javascript:alert(3)//</title><!--\${alert(4)}{{alert(5)}}`;

webSuite('names that want to run', (world) => {
  let app: Repository;
  let ids: { schedule: number; hook: number };

  before(async () => {
    const { server } = world();
    const make = async (path: string, body: Record<string, unknown>) => {
      const made = await server.api<{ id: number }>('POST', path, { body });
      assert.equal(made.status, 201, `${path}: ${JSON.stringify(made.body)}`);
      return made.body.id;
    };
    app = await Repository.make(server, 'app', { description: EVIL });
    const job = JSON.stringify(`job ${EVIL.replaceAll('$', '')}`);
    const config = `${job}: {script: [x], tags: [${JSON.stringify(EVIL.replaceAll('$', ''))}]}\n`;
    await app.push({ '.gitlab-ci.yml': config }, { message: EVIL });
    await app.push({ '.gitlab-ci.yml': config }, { message: EVIL, branch: `b/<svg/onload=alert(6)>"'` });
    const p = `/projects/${app.id}`;
    const group = await make('/groups', {
      name: `Group ${EVIL.replace(/[^\w .<>]/g, '.').replace(/[<>]/g, '')}`,
      path: 'hostile',
      description: EVIL,
    });
    const user = await make('/users', {
      username: 'mallory',
      name: EVIL,
      email: `"<img>"@example.com`.replace(/["<>]/g, ''),
      force_random_password: true,
    });
    await make(`${p}/members`, { user_id: user, access_level: 30 });
    await make(`/groups/${group}/members`, { user_id: user, access_level: 30 });
    await make(`${p}/variables`, { key: 'HOSTILE', value: EVIL, description: EVIL.slice(0, 200) });
    await make(`/groups/${group}/variables`, { key: 'HOSTILE', value: EVIL });
    await make('/admin/ci/variables', { key: 'HOSTILE', value: EVIL });
    const schedule = await make(`${p}/pipeline_schedules`, {
      description: EVIL,
      ref: 'main',
      cron: '0 4 * * *',
    });
    await make(`${p}/pipeline_schedules/${schedule}/variables`, { key: 'HOSTILE', value: EVIL });
    await make(`${p}/triggers`, { description: EVIL });
    const hook = await make(`${p}/hooks`, { url: 'https://hooks.example.com/%3Csvg%3E', name: EVIL });
    await make(`${p}/access_tokens`, { name: EVIL, scopes: ['api'] });
    await make('/user/personal_access_tokens', { name: EVIL, scopes: ['self_rotate'] });
    await make(`${p}/protected_branches`, { name: `<svg/onload=alert(7)>*` });
    for (const place of [
      { runner_type: 'instance_type' },
      { runner_type: 'group_type', group_id: group },
      { runner_type: 'project_type', project_id: app.id },
    ]) {
      await make('/user/runners', {
        ...place,
        description: EVIL,
        tag_list: [EVIL.replaceAll(',', '')],
        maintenance_note: EVIL,
      });
    }
    ids = { schedule, hook };
  });
  after(() => app.close());

  it('run nothing on any page, and are shown as what they are', async () => {
    const p = `/${app.path}`;
    const addresses = [
      '/',
      `${p}/-/pipelines`,
      `${p}/-/jobs`,
      `${p}/-/runners`,
      '/admin/runners',
      '/groups/hostile/-/runners',
      `${p}/-/pipeline_schedules`,
      `${p}/-/pipeline_schedules/${ids.schedule}/edit`,
      `${p}/-/variables`,
      '/groups/hostile/-/variables',
      '/admin/variables',
      `${p}/edit`,
      `${p}/-/settings/ci_cd`,
      `${p}/-/settings/repository`,
      `${p}/-/settings/access_tokens`,
      `${p}/-/project_members`,
      '/groups/hostile/-/group_members',
      '/groups/hostile/-/edit',
      `${p}/-/hooks`,
      `${p}/-/hooks/${ids.hook}/edit`,
      `${p}/-/ci/editor`,
      `${p}/-/ci/editor?branch_name=${encodeURIComponent(EVIL)}`,
      '/admin/users',
      '/admin/groups',
      '/-/user_settings/personal_access_tokens',
      '/-/user_settings/active_sessions',
      `/users/sign_in?redirect_to=${encodeURIComponent('javascript:alert(8)')}`,
      `/${encodeURIComponent(EVIL)}`,
    ];
    const page = await world().visit('/', { userAgent: `Mozilla ${EVIL}` });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    let shown = 0;
    for (const address of addresses) {
      await page.goto(address);
      await page.waitForSelector('h1');
      await page.waitForTimeout(250);
      const show = page.getByRole('button', { name: 'Show values' });
      if ((await show.count()) > 0) await show.click();
      const strange = await page.evaluate(() =>
        [...document.querySelectorAll('*')].flatMap((element) => {
          const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value}`);
          const runs = attributes.filter(
            (text) => /^on/.test(text) || /^(href|src|action)=\s*javascript:/i.test(text),
          );
          const foreign = element.matches('img, iframe, object, embed, script:not([src])');
          return foreign ? [element.outerHTML] : runs;
        }),
      );
      assert.deepEqual(strange, [], address);
      assert.deepEqual(dialogs, [], address);
      if (((await page.locator('body').textContent()) ?? '').includes('onerror=alert(1)')) shown++;
    }
    assert.ok(shown >= 15, `shown as text on ${shown} pages only`);
    await world().leave();
  });
});
