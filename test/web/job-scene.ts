import assert from 'node:assert/strict';
import { craftZip } from '../craft-zip.ts';
import type { Held, ScriptedRunner } from '../scripted-runner.ts';
import type { TestServer } from '../start-server.ts';
import { makeRunner, Repository } from './seed.ts';

/** Jobs of one project, each in a state that its page shows differently. */
export interface JobScene {
  path: string;
  projectId: number;
  runner: ScriptedRunner;
  /** Ids by name: `unit` failed, `build` passed with artifacts, `watch` runs, `deploy` waits for a user, `gpu` for a runner. */
  jobs: Record<'unit' | 'build' | 'watch' | 'deploy' | 'gpu', number>;
  /** The running one, for who writes its log. */
  running: Held;
}

const CONFIG = `
stages: [build, test, deploy]
build: {stage: build, script: [make], artifacts: {paths: [dist], expire_in: 1 week}}
unit: {stage: test, needs: [build], script: [make test]}
watch: {stage: test, needs: [], script: [make watch]}
lint: {stage: test, needs: [], script: [make lint]}
gpu: {stage: test, needs: [], tags: [gpu, cuda], script: [train]}
deploy: {stage: deploy, needs: [build], when: manual, script: [make deploy]}
`;

const ESC = '\u001b';
const STARTED = 1_790_000_000;

/** A section as runners write it. */
function section(
  name: string,
  header: string,
  seconds: [begin: number, end: number],
  lines: readonly string[],
  options = '',
): string {
  const mark = (kind: string, at: number, more = '') =>
    `section_${kind}:${STARTED + at}:${name}${more}\r${ESC}[0K`;
  return `${mark('start', seconds[0], options)}${ESC}[0K${ESC}[36;1m${header}${ESC}[0;m\n${lines.join('\n')}\n${mark('end', seconds[1])}`;
}

const TESTS = Array.from({ length: 180 }, (_, n) =>
  n === 141
    ? `${ESC}[31m✗ keeps the offset after a restart${ESC}[0m ${ESC}[2m(12 ms)${ESC}[0m`
    : `${ESC}[32m✓${ESC}[39m case ${n + 1} of the reader ${ESC}[2m(${(n * 7) % 23} ms)${ESC}[0m`,
);

/** The log of a job whose tests fail: sections inside each other, a progress bar, colours of every kind. */
export const FAILED_LOG = [
  `${ESC}[0KRunning with gitlab-runner 18.6.6 (c82c5912)${ESC}[0;m\n${ESC}[0K  on build-7 Ab3dEf9h, system ID: s_0c1d2e3f4a5b${ESC}[0;m\n`,
  section(
    'prepare_executor',
    'Preparing the "docker" executor',
    [0, 4],
    [
      'Using Docker executor with image node:26 ...',
      'Pulling docker image node:26 ...',
      'Using docker image sha256:4f1a…  for node:26 ...',
    ],
  ),
  section(
    'prepare_script',
    'Preparing environment',
    [4, 5],
    ['Running on runner-ab3def9h-project-4-concurrent-0 via build-7...'],
  ),
  section(
    'get_sources',
    'Getting source from Git repository',
    [5, 7],
    [
      `${ESC}[32;1mFetching changes with git depth set to 20...${ESC}[0;m`,
      `${ESC}[32;1mChecking out 9fceb02d as detached HEAD (ref is main)...${ESC}[0;m`,
    ],
  ),
  section(
    'step_script',
    'Executing "step_script" stage of the job script',
    [7, 96],
    [
      `${ESC}[32;1m$ npm ci${ESC}[0;m`,
      section(
        'install',
        'Installing 412 packages',
        [7, 31],
        [
          'npm warn deprecated inflight@1.0.6: This module is not supported',
          `reify ${'.'.repeat(10)} 12%\rreify ${'#'.repeat(30)} 64%\radded 412 packages in 24s`,
        ],
      ),
      `${ESC}[32;1m$ npm test${ESC}[0;m`,
      section(
        'unit',
        'Unit tests',
        [31, 94],
        [
          `${ESC}[38;5;208mseed 4711${ESC}[0m  ${ESC}[48;2;40;40;90m${ESC}[97m node:test ${ESC}[0m  ${ESC}[3mitalic${ESC}[23m ${ESC}[4munderlined${ESC}[24m`,
          ...TESTS,
          '',
          `${ESC}[1;31m  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:${ESC}[0m`,
          '',
          `${ESC}[31m  + actual${ESC}[0m ${ESC}[32m- expected${ESC}[0m`,
          `${ESC}[31m  + 4096${ESC}[0m`,
          `${ESC}[32m  - 4097${ESC}[0m`,
          '',
          '      at TestContext.<anonymous> (file:///builds/team/reader/src/offset.test.ts:41:12)',
        ],
      ),
      `${ESC}[31m1 of 180 tests failed${ESC}[0m`,
    ],
  ),
  section('cleanup_file_variables', 'Cleaning up project directory and file based variables', [96, 97], ['']),
  `${ESC}[31;1mERROR: Job failed: exit code 1${ESC}[0;m\n`,
].join('');

/** Makes the project and its jobs with a runner that does what it is told. */
export async function openJobScene(
  server: TestServer,
  name = 'reader',
  files: Record<string, string | Buffer> = {},
): Promise<JobScene> {
  const repository = await Repository.make(server, name, { visibility: 'private' });
  const pipeline = await repository.push(
    { '.gitlab-ci.yml': CONFIG },
    { message: 'Read from where the last one ended' },
  );
  const runner = await makeRunner(server, 'build-7', {
    runner_type: 'project_type',
    project_id: repository.id,
  });
  const { body: listed } = await server.api<{ id: number; name: string }[]>(
    'GET',
    `/projects/${repository.id}/pipelines/${pipeline}/jobs`,
  );
  const ids = Object.fromEntries(listed.map((job) => [job.name, job.id]));
  let running: Held | undefined;
  for (let left = 4; left > 0; left--) {
    const job = await runner.take();
    const { name: taken } = job.payload.job_info;
    if (taken === 'unit') {
      await runner.append(job, FAILED_LOG);
      await runner.update(job, { state: 'failed', failure_reason: 'script_failure', exit_code: 1 });
    } else if (taken === 'watch') {
      await runner.append(
        job,
        `${ESC}[0KRunning with gitlab-runner 18.6.6 (c82c5912)${ESC}[0;m\n$ make watch\n`,
      );
      running = job;
    } else {
      if (taken === 'build') await uploadArtifacts(runner, job, files);
      await runner.append(job, `$ make ${taken}\nall went well\n${ESC}[32;1mJob succeeded${ESC}[0;m\n`);
      await runner.succeed(job);
    }
  }
  repository.close();
  assert.ok(running !== undefined);
  return { path: repository.path, projectId: repository.id, runner, jobs: ids as JobScene['jobs'], running };
}

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function uploadArtifacts(
  runner: ScriptedRunner,
  job: Held,
  files: Record<string, string | Buffer>,
): Promise<void> {
  const all: Record<string, string | Buffer> = {
    'dist/index.html': '<!doctype html><script>alert(1)</script><h1>Report</h1>\n',
    'dist/notes.txt': 'Version 4.2\n\nReads from where the last one ended.\n',
    'dist/logo.png': PIXEL,
    'dist/assets/app.js': 'console.log("hello");\n',
    'dist/assets/data.bin': Buffer.alloc(70_000),
    ...files,
  };
  const bytes = craftZip(Object.entries(all).map(([path, data]) => ({ name: path, data })));
  const reply = await runner.upload(job, { bytes, expireIn: '1 week' });
  assert.equal(reply.status, 201, reply.body);
}
