import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { crc32, gunzipSync } from 'node:zlib';
import { BuiltinLoop, variables } from '../../test/builtin-loop.ts';
import { payload, type ScriptedGitlab } from '../../test/scripted-gitlab.ts';
import { until } from '../../test/until.ts';
import { unzip } from '../../test/unzip.ts';
import type { JobPayload } from '../runner/protocol.ts';

describe('the built-in runner', () => {
  let world: BuiltinLoop;
  let gitlab: ScriptedGitlab;
  let directory: string;

  beforeEach(async () => {
    world = await BuiltinLoop.open();
    ({ gitlab, directory } = world);
  });
  afterEach(() => world.close());

  const start = () => world.start();
  const run = (job: JobPayload) => world.run(job);
  const log = () => world.log;
  const step = (name: 'script' | 'after_script', script: string[]) => ({
    name,
    script,
    timeout: 60,
    when: name === 'script' ? ('on_success' as const) : ('always' as const),
    allow_failure: name === 'after_script',
  });
  it('runs a job and says that it went well, with size and checksum of the log', async () => {
    const end = await run(payload(['echo one', 'echo two']));
    assert.equal(end.state, 'success');
    assert.equal(end.output?.bytesize, gitlab.trace.length);
    assert.equal(end.output?.checksum, `crc32:${crc32(gitlab.trace).toString(16).padStart(8, '0')}`);
    assert.ok(log().includes('$ echo one\x1b[0;m\none\n\x1b[32;1m$ echo two\x1b[0;m\ntwo\n'), log());
  });

  const input = (key: string, content: unknown, type = 'string') => ({
    key,
    value: { type, content, sensitive: false },
  });

  it('fills the inputs of a job into its scripts', async () => {
    const script = [
      'echo "to ${{ job.inputs.target }} x${{job.inputs.count}}"',
      'echo ${{ job.inputs.tags[1] }}',
    ];
    const inputs = [input('target', 'live'), input('count', 3, 'number'), input('tags', ['a', 'b'], 'array')];
    const job = { ...payload(script), inputs };
    job.steps!.push(step('after_script', ["echo 'as \\${{ job.inputs.target }}'"]));
    assert.equal((await run(job)).state, 'success', log());
    assert.ok(log().includes('\nto live x3\n') && log().includes('\nb\n'), log());
    assert.ok(log().includes('\nas ${{ job.inputs.target }}\n'), log());
  });

  it('fails a job that asks for an input which it does not have', async () => {
    const end = await run({
      ...payload(['echo ${{ job.inputs.nothing }}']),
      inputs: [input('target', 'live')],
    });
    assert.deepEqual([end.state, end.failure_reason], ['failed', 'runner_system_failure']);
    assert.match(log(), /names no input of this job/);
  });

  it('stops at the first command that fails, with its exit code', async () => {
    const end = await run(payload(['exit 42', 'echo never']));
    assert.deepEqual([end.state, end.failure_reason, end.exit_code], ['failed', 'script_failure', 42]);
    assert.ok(!log().includes('never\n'));
  });

  it('gives variables with their values expanded, but for raw ones and files', async () => {
    await run(
      payload(['echo "$B|$C|$D"', 'cat "$FILE"; echo', 'case "$FILE" in /*) echo is a path;; esac'], {
        variables: variables(
          { key: 'A', value: 'a' },
          { key: 'B', value: '${A}b' },
          { key: 'C', value: '$A', raw: true },
          { key: 'D', value: "'; touch /tmp/never; $(echo no)\n`x`", raw: true },
          { key: 'FILE', value: 'content of $A', file: true },
        ),
      }),
    );
    assert.ok(log().includes("ab|$A|'; touch /tmp/never; $(echo no)\n`x`\n"));
    assert.ok(log().includes('content of a\n'));
    assert.ok(log().includes('is a path\n'));
  });

  it('gives a job nothing of its own environment but how to find programs', async () => {
    process.env.TEASPOON_SECRET_OF_THE_SERVER = 'must not leak';
    await run(payload(['env']));
    delete process.env.TEASPOON_SECRET_OF_THE_SERVER;
    assert.ok(!log().includes('must not leak'));
    assert.match(log(), /^PATH=/m);
  });

  it('never shows a masked value, the job token or the runner token', async () => {
    await run(
      payload(
        ['echo "$SECRET and $SECRET"', 'echo glrt-token-of-the-runner', 'echo glcbt-token-of-the-job'],
        {
          variables: variables({ key: 'SECRET', value: 'p4ssw0rd', masked: true }),
        },
      ),
    );
    assert.ok(log().includes('[MASKED] and [MASKED]\n'));
    for (const secret of ['p4ssw0rd', 'glrt-token', 'glcbt-token'])
      assert.ok(!log().includes(`\n${secret}`), secret);
  });

  it('stops the script when the job is being cancelled, and runs after_script', async () => {
    gitlab.onPatch = (_, bytes) => {
      if (bytes.includes('begun\n')) gitlab.jobStatus = 'canceling';
      return undefined;
    };
    const end = await run(
      payload([], {
        steps: [
          step('script', ['echo begun', 'sleep 60']),
          step('after_script', ['echo "was $CI_JOB_STATUS"']),
        ],
      }),
    );
    assert.equal(end.state, 'failed');
    assert.ok(log().includes('was canceled\n'));
  });

  it('drops a job that the server has ended, without a final update', async () => {
    gitlab.onPatch = (_, bytes) => (bytes.includes('begun\n') ? 403 : undefined);
    gitlab.jobs.push(payload(['echo begun', 'sleep 60', `touch ${directory}/never`]));
    gitlab.jobs.push(payload(['echo next'], { id: 8 }));
    start();
    gitlab.onFinal = () => 200;
    const end = await gitlab.ended();
    assert.equal(end.state, 'success');
    assert.equal(existsSync(join(directory, 'never')), false);
  });

  it('ends a job that runs longer than it may', async () => {
    const end = await run(payload(['sleep 60'], { runner_info: { timeout: 1, runner_session_url: null } }));
    assert.equal(end.failure_reason, 'job_execution_timeout');
    assert.match(log(), /ERROR: Job failed: execution took longer than 1s/);
  });

  it('leaves no process of a job behind, daemons included', async () => {
    const marker = `${Math.random()}`;
    await run(payload([`(setsid nohup sleep 987.${marker.slice(2, 8)} >/dev/null 2>&1 &)`, 'echo done']));
    const { execFileSync } = await import('node:child_process');
    // A killed process may be seen until it is next given the processor.
    await until('the daemon to be gone', async () => {
      const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      return !all.includes(`sleep 987.${marker.slice(2, 8)}`) || undefined;
    });
  });

  it('goes on where the server says its log stands', async () => {
    let lied = false;
    gitlab.onPatch = (start) => {
      if (start === 0 || lied) return undefined;
      lied = true;
      gitlab.trace = gitlab.trace.subarray(0, 10);
      return 416;
    };
    const end = await run(payload(['for i in 1 2 3 4 5 6 7 8; do echo "line $i"; sleep 0.05; done']));
    assert.ok(lied);
    assert.equal(end.output?.bytesize, gitlab.trace.length);
    assert.ok(log().includes('line 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\nline 8\n'));
  });

  it('sends the whole log again when the server asks for it', async () => {
    let asked = false;
    gitlab.onFinal = () => {
      if (asked) return 200;
      asked = true;
      gitlab.trace = Buffer.alloc(0);
      return 412;
    };
    const end = await run(payload(['echo again']));
    assert.equal(end.output?.bytesize, gitlab.trace.length);
    assert.ok(log().includes('again\n'));
  });

  it('uploads archives, reports as gzip and raw files, each under its name', async () => {
    await run(
      payload(
        ['mkdir -p out && echo a > out/a && echo b > b.log && echo "<x/>" > j.xml && echo "{}" > r.json'],
        {
          artifacts: [
            {
              name: 'all $CI_JOB_STATUS',
              untracked: false,
              paths: ['out/', '*.log'],
              exclude: ['**/*.tmp'],
              when: 'always',
              expire_in: '1 week',
              artifact_type: 'archive',
              artifact_format: 'zip',
            },
            {
              name: 'junit.xml',
              paths: ['j.xml'],
              when: 'always',
              expire_in: null,
              artifact_type: 'junit',
              artifact_format: 'gzip',
            },
            {
              name: 'gl-sast-report.json',
              paths: ['r.json'],
              when: 'always',
              expire_in: null,
              artifact_type: 'sast',
              artifact_format: 'raw',
            },
            {
              name: 'never',
              paths: ['out/'],
              when: 'on_failure',
              expire_in: null,
              artifact_type: 'metrics',
              artifact_format: 'gzip',
            },
          ],
        },
      ),
    );
    const [archive, junit, sast, ...more] = gitlab.uploads;
    assert.deepEqual(more, []);
    assert.equal(archive?.query.toString(), 'artifact_format=zip&artifact_type=archive&expire_in=1+week');
    assert.deepEqual([...(await unzip(archive!.bytes)).keys()], ['b.log', 'out/', 'out/a']);
    assert.equal(junit?.filename, 'junit.xml.gz');
    assert.equal(gunzipSync(junit!.bytes).toString(), '<x/>\n');
    assert.equal(sast?.filename, 'gl-sast-report.json');
    assert.equal(sast?.bytes.toString(), '{}\n');
  });

  it('fails a job whose artifacts are refused', async () => {
    gitlab.onUpload = () => 413;
    const end = await run(
      payload(['echo a > a'], {
        artifacts: [
          {
            name: null,
            paths: ['a'],
            when: 'on_success',
            expire_in: null,
            artifact_type: 'archive',
            artifact_format: 'zip',
          },
        ],
      }),
    );
    assert.deepEqual([end.state, end.failure_reason], ['failed', 'runner_system_failure']);
  });

  it('fails a job whose dependencies are gone', async () => {
    const dependency = {
      id: 3,
      name: 'build',
      token: 't',
      artifacts_file: { filename: 'artifacts.zip', size: 1 },
    };
    const end = await run(payload(['echo never'], { dependencies: [dependency] }));
    assert.equal(end.failure_reason, 'runner_system_failure');
    assert.ok(!log().includes('never\n'));
  });

  it('keeps a cache for the next job of the project with the same key', async () => {
    const cache = [
      {
        key: 'deps',
        untracked: false,
        paths: ['deps/'],
        policy: 'pull-push',
        when: 'on_success' as const,
        fallback_keys: [],
      },
    ];
    gitlab.jobs.push(payload(['mkdir deps', 'echo kept > deps/x'], { cache, id: 1 }));
    const second = payload(['cat deps/x'], {
      cache,
      id: 2,
      variables: variables({ key: 'GIT_STRATEGY', value: 'empty' }),
    });
    gitlab.onFinal = () => {
      gitlab.trace = Buffer.alloc(0);
      gitlab.onFinal = () => 200;
      gitlab.jobs.push(second);
      return 403;
    };
    start();
    assert.equal((await gitlab.ended()).state, 'success');
    assert.ok(log().includes('kept\n'));
  });

  it('reports image and services as ignored', async () => {
    const image = { name: 'alpine:3', entrypoint: null, ports: [], executor_opts: {}, pull_policy: null };
    await run(
      payload(['true'], {
        image,
        services: [{ ...image, name: 'postgres:16', command: null, variables: [] }],
      }),
    );
    assert.match(log(), /WARNING: image: alpine:3 is ignored/);
    assert.match(log(), /WARNING: services: postgres:16 is ignored/);
  });
});
