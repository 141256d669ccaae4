import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { craftZip } from '../craft-zip.ts';
import { addTo, makePerson, makeProject, type Person } from '../people.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';

const DEVELOPER = 30;

/** Artifacts and dotenv variables of jobs of other pipelines (ci-yaml 8.1, 8.4). */
forEachServer('needs of other pipelines', (start) => {
  let server: TestServer;
  let dora: Person;
  let runner: ScriptedRunner;
  before(async () => {
    server = await start();
    dora = await makePerson(server, 'dora');
    const body = { runner_type: 'instance_type' };
    const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
    runner = new ScriptedRunner(server.url, made.token);
  });

  async function project(name: string, files: Record<string, string>): Promise<number> {
    const { id } = await makeProject(server, name);
    await addTo(server, id, dora, DEVELOPER);
    const actions = Object.entries(files).map(([file_path, content]) => ({
      action: 'create',
      file_path,
      content,
    }));
    const body = { branch: 'main', commit_message: '[skip ci]', actions };
    await server.api('POST', `/projects/${id}/repository/commits`, { body });
    await server.api('DELETE', `/projects/${id}/protected_branches/main`);
    return id;
  }
  async function run(id: number): Promise<number> {
    const made = await server.api<{ id: number }>('POST', `/projects/${id}/pipeline`, {
      token: dora.token,
      body: { ref: 'main' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  }
  async function take(name: string): Promise<Held> {
    runner.lastUpdate = null;
    const job = await runner.take();
    assert.equal(job.payload.job_info.name, name);
    return job;
  }
  /** A job that leaves an archive and a dotenv report. */
  async function produce(name: string, value: string): Promise<number> {
    const job = await take(name);
    for (const [type, format, bytes] of [
      ['archive', 'zip', craftZip([{ name: 'file.txt', data: value }])],
      ['dotenv', 'gzip', gzipSync(`WORD=${value}\n`)],
    ] as const) {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(bytes)]), type === 'archive' ? 'artifacts.zip' : '.env.gz');
      const query = `artifact_type=${type}&artifact_format=${format}`;
      const answer = await fetch(`${server.url}/api/v4/jobs/${job.id}/artifacts?${query}`, {
        method: 'POST',
        headers: { 'JOB-TOKEN': job.token },
        body: form,
      });
      assert.equal(answer.status, 201, await answer.text());
    }
    await runner.succeed(job);
    return job.id;
  }
  const wordOf = (job: Held) => job.payload.variables.find(({ key }) => key === 'WORD')?.value ?? null;
  const idsOf = (job: Held) => job.payload.dependencies.map(({ id }) => id);

  it('another project’s newest success on a ref, where its user may read it and the project takes such tokens', async () => {
    const source = await project('source', {
      '.gitlab-ci.yml': 'make: {script: [x], artifacts: {paths: [file.txt], reports: {dotenv: .env}}}\n',
    });
    await run(source);
    const old = await produce('make', 'old');
    await run(source);
    const made = await produce('make', 'new');
    await run(source);
    await runner.fail(await take('make'));
    assert.notEqual(old, made);

    const user = await project('user', {
      '.gitlab-ci.yml': [
        'use:',
        '  script: [x]',
        '  variables: {FROM: root/source}',
        '  needs: [{project: $FROM, job: make, ref: main, artifacts: true}]',
      ].join('\n'),
    });
    await run(user);
    const refused = await take('use');
    assert.deepEqual([idsOf(refused), wordOf(refused)], [[], null], 'its tokens are not taken');
    await runner.succeed(refused);

    const allowed = await server.api('POST', `/projects/${source}/job_token_scope/allowlist`, {
      body: { target_project_id: user },
    });
    assert.equal(allowed.status, 201);
    await run(user);
    const given = await take('use');
    assert.deepEqual([idsOf(given), wordOf(given)], [[made], 'new']);
    const download = await fetch(`${server.url}/api/v4/jobs/${made}/artifacts`, {
      headers: { 'JOB-TOKEN': given.payload.dependencies[0]!.token },
    });
    assert.equal(download.status, 200);
    await runner.succeed(given);

    const members = await server.api('DELETE', `/projects/${source}/members/${dora.id}`);
    assert.equal(members.status, 204);
    await run(user);
    const blind = await take('use');
    assert.deepEqual(idsOf(blind), [], 'its user may no longer read it');
    await runner.succeed(blind);
  });

  it('a job of the parent pipeline, by its id', async () => {
    const id = await project('family', {
      '.gitlab-ci.yml': [
        'make: {stage: build, script: [x], artifacts: {paths: [file.txt], reports: {dotenv: .env}}}',
        'child:',
        '  stage: test',
        '  variables: {PARENT: $CI_PIPELINE_ID}',
        '  trigger: {include: child.yml, strategy: depend}',
      ].join('\n'),
      'child.yml': 'use: {script: [x], needs: [{pipeline: $PARENT, job: make, artifacts: true}]}\n',
    });
    await run(id);
    const made = await produce('make', 'family');
    const job = await (async () => {
      for (;;) {
        runner.lastUpdate = null;
        const { job: asked } = await runner.request();
        if (asked !== null) return asked;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    assert.equal(job.payload.job_info.name, 'use');
    assert.deepEqual([idsOf(job), wordOf(job)], [[made], 'family']);
    await runner.succeed(job);
  });
});
