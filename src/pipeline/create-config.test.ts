import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { NO_SHA, NOW, PipelineWorld } from '../../test/pipeline-world.ts';
import { changeInstanceSettings } from '../project/instance-settings.ts';
import type { CreateRequest } from './create.ts';

forEachEngine('the configuration of a new pipeline', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
  });
  after(() => world.close());

  describe('what rules see', () => {
    const rule = (expression: string) => `{script: [x], rules: [{if: '${expression}'}]}`;

    it('pipeline, project, job, user and given variables, but no ids', async () => {
      const config = `
variables: {LEVEL: root}
branch: ${rule('$CI_COMMIT_BRANCH == "main" && $CI_PIPELINE_SOURCE == "push" && $CI_DEFAULT_BRANCH == "main"')}
project: ${rule('$CI_PROJECT_PATH == "ada/app" && $CI_PROJECT_NAMESPACE == "ada"')}
job: ${rule('$CI_JOB_NAME == "job" && $CI_JOB_STAGE == "test" && $CI_NODE_TOTAL == "1"')}
user: ${rule('$GITLAB_USER_LOGIN == "ada"')}
given: ${rule('$GIVEN == "yes"')}
own: {script: [x], variables: {LEVEL: job}, rules: [{if: '$LEVEL == "job"'}]}
uninherited: {script: [x], inherit: {variables: false}, rules: [{if: '$LEVEL == null'}]}
ids: ${rule('$CI_JOB_ID || $CI_PIPELINE_ID || $CI_JOB_TOKEN || $CI_JOB_URL || $CI_RUNNER_ID')}
tag: ${rule('$CI_COMMIT_TAG')}
`;
      assert.deepEqual(
        await world.jobNames(await world.pushConfig(config, { variables: [{ key: 'GIVEN', value: 'yes' }] })),
        ['branch', 'project', 'job', 'user', 'given', 'own', 'uninherited'],
      );
    });
    it('workflow rule variables, above the root and below the job', async () => {
      const config = `
workflow: {rules: [{if: '$CI_COMMIT_BRANCH && $CI_JOB_NAME == null', variables: {LEVEL: workflow}}]}
variables: {LEVEL: root}
a: ${rule('$LEVEL == "workflow"')}
b: {script: [x], variables: {LEVEL: job}, rules: [{if: '$LEVEL == "job"'}]}
`;
      assert.deepEqual(await world.jobNames(await world.pushConfig(config)), ['a', 'b']);
    });
    it('secrets of the project, protected ones on protected refs only, scoped ones in their environment', async () => {
      const values = (key: string, more: object) => ({
        level: 'project',
        owner_id: world.project.id,
        key,
        encrypted_value: world.encryption.encrypt('s3cret'),
        variable_type: 'env_var',
        protected: 0,
        masked: 1,
        hidden: 0,
        raw: 0,
        environment_scope: '*',
        description: null,
        created_at: NOW,
        updated_at: NOW,
        ...more,
      });
      await world.db.transaction(async (tx) => {
        await tx.sql
          .insertInto('variables')
          .values([
            values('OPEN', {}),
            values('GUARDED', { protected: 1 }),
            values('SCOPED', { environment_scope: 'review/*' }),
          ])
          .execute();
      });
      const config = `
open: ${rule('$OPEN')}
guarded: ${rule('$GUARDED')}
scoped: {script: [x], environment: review/$CI_COMMIT_REF_SLUG, rules: [{if: $SCOPED}]}
unscoped: ${rule('$SCOPED')}
`;
      assert.deepEqual(await world.jobNames(await world.pushConfig(config)), ['open', 'guarded', 'scoped']);
      const sha = await world.push({ '.gitlab-ci.yml': config }, { ref: 'refs/heads/feature' });
      const result = await world.create({ sha, ref: 'refs/heads/feature' });
      assert.deepEqual(await world.jobNames(result), ['open', 'scoped']);
    });
    it('a given variable cannot pose as a trusted one', async () => {
      const config = `a: ${rule('$CI_PROJECT_ID == "666" || $CI_SERVER_HOST == "evil"')}\nb: {script: [x]}\n`;
      const variables = [
        { key: 'CI_PROJECT_ID', value: '666' },
        { key: 'CI_SERVER_HOST', value: 'evil' },
      ];
      assert.deepEqual(await world.jobNames(await world.pushConfig(config, { variables })), ['b']);
    });
    it('changed files of the push, and all of them when there is nothing to compare with', async () => {
      const config = 'a: {script: [x], rules: [{changes: [docs/**/*]}]}\nb: {script: [x]}\n';
      const base = await world.push({ '.gitlab-ci.yml': config, 'docs/a/b.md': 'one' }, { message: 'base' });
      const code = await world.push({ 'src/x': '1' }, { message: 'code' });
      const docs = await world.push({ 'docs/a/b.md': 'two' }, { message: 'docs' });
      const jobs = async (request: Partial<CreateRequest>) => world.jobNames(await world.create(request));
      assert.deepEqual(await jobs({ sha: code, beforeSha: base }), ['b']);
      assert.deepEqual(await jobs({ sha: docs, beforeSha: code }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, beforeSha: NO_SHA }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, source: 'api' }), ['a', 'b']);
      assert.deepEqual(await jobs({ sha: code, beforeSha: 'e'.repeat(40) }), ['a', 'b']);
    });
    it('files of the commit, local includes, and other projects that the user may read', async () => {
      const other = await world.addProject('shared');
      await world.push({ 'ci/base.yml': 'included: {script: [x]}\n', 'marker.txt': 'm' }, { project: other });
      const config = `
include: [{project: ada/shared, file: ci/base.yml}, {local: ci/local.yml}]
here: {script: [x], rules: [{exists: [ci/*.yml]}]}
nowhere: {script: [x], rules: [{exists: [ci/none.yml]}]}
there: {script: [x], rules: [{exists: {paths: [marker.txt], project: ada/shared}}]}
`;
      await world.push({ 'ci/local.yml': 'local: {script: [x]}\n' });
      assert.deepEqual(await world.jobNames(await world.pushConfig(config)), [
        'included',
        'local',
        'here',
        'there',
      ]);
      const developer = await world.addUser('outsider');
      await world.addMember(developer, 30);
      const result = await world.create({ user: developer });
      assert.equal((await world.row(result)).status, 'failed');
    });
  });

  it('a component of this server is included at a version, a tag, a branch or a commit', async () => {
    const library = await world.addProject('library');
    const component = (name: string) =>
      `spec: {inputs: {stage: {default: test}}, component: [name, version]}\n---\n${name}-$[[ component.version ]]: {stage: "$[[ inputs.stage ]]", script: [x]}\n`;
    const publish = (name: string, ref: string) =>
      world.push(
        { 'templates/one.yml': component(name), 'templates/two/template.yml': component('two') },
        { project: library, ref },
      );
    await publish('first', 'refs/tags/1.2.3');
    await publish('second', 'refs/tags/1.10.0');
    await publish('third', 'refs/tags/2.0.0-rc1');
    const sha = await publish('head', 'refs/heads/main');
    const included = async (component: string) =>
      world.jobNames(await world.pushConfig(`include: [{component: ${component}}]\n`));
    const address = 'ci.test:8929/ada/library/one';
    assert.deepEqual(await included(`${address}@1.2.3`), ['first-1.2.3']);
    assert.deepEqual(await included(`${address}@1`), ['second-1.10.0']);
    assert.deepEqual(await included(`${address}@~latest`), ['second-1.10.0']);
    assert.deepEqual(await included(`${address}@main`), ['head-main']);
    assert.deepEqual(await included(`${address}@${sha}`), [`head-${sha}`]);
    assert.deepEqual(await included('$CI_SERVER_FQDN/ada/library/two@1'), ['two-1.10.0']);
    const absent = [
      'elsewhere.test/ada/library/one@1',
      `${address}@9`,
      `${address}x@1`,
      'ci.test/ada/none/one@1',
    ];
    for (const other of absent) {
      const refused = await world.pushConfig(`include: [{component: ${other}}]\n`);
      assert.equal((await world.row(refused)).yaml_errors, `Component '${other}' - content not found`);
    }
    const outsider = await world.addUser('bystander');
    await world.addMember(outsider, 30);
    const refused = await world.pushConfig(`include: [{component: ${address}@1}]\n`, { user: outsider });
    assert.equal((await world.row(refused)).yaml_errors, `Component '${address}@1' - content not found`);
  });

  it('a remote include is fetched from where the administrator lets it', async () => {
    let asked = 0;
    const remote = createServer((request, response) => {
      response.statusCode = request.url === '/missing.yml' ? 404 : ++asked < 3 ? 503 : 200;
      response.end('remote: {script: [x]}\n');
    });
    remote.listen(0, '127.0.0.1');
    await once(remote, 'listening');
    const base = `http://127.0.0.1:${(remote.address() as AddressInfo).port}`;
    const allow = (value: boolean) =>
      world.db.transaction((tx) =>
        changeInstanceSettings(tx, { allow_local_requests_from_web_hooks_and_services: value }),
      );
    try {
      await allow(true);
      const result = await world.pushConfig(`include: {remote: "${base}/ci.yml"}\n`);
      assert.deepEqual(await world.jobNames(result), ['remote']);
      const missing = await world.pushConfig(`include: {remote: "${base}/missing.yml"}\n`);
      assert.equal(
        (await world.row(missing)).yaml_errors,
        `Remote file \`${base}/missing.yml\` could not be fetched because of HTTP code \`404\` error!`,
      );
    } finally {
      await allow(false);
      remote.close();
    }
  });
});
