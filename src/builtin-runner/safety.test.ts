import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BuiltinLoop, variables } from '../../test/builtin-loop.ts';
import { payload, type ScriptedGitlab } from '../../test/scripted-gitlab.ts';
import { unzip } from '../../test/unzip.ts';
import type { JobPayload } from '../runner/protocol.ts';

/* The rules of security 14 that the other tests of this room do not show. */
describe('the built-in runner', () => {
  let world: BuiltinLoop;
  let gitlab: ScriptedGitlab;
  const place = () => join(world.directory, 'process-0');

  beforeEach(async () => {
    world = await BuiltinLoop.open();
    ({ gitlab } = world);
  });
  afterEach(() => world.close());

  it('gives values of any text to a job, and runs none of it (EXE-2)', async () => {
    const values = [
      "'; touch ran; '",
      '$(touch ran)',
      '`touch ran`',
      'a\nb',
      'end\\',
      '"; touch ran; "',
      '${PATH}',
    ];
    const named = values.map((value, n) => ({ key: `V${n}`, value, raw: true }));
    const script = [...values.map((_, n) => `printf '<%s>\\n' "$V${n}"`), '[ ! -e ran ]'];
    const refused = [
      { key: 'A B', value: 'x' },
      { key: 'A;touch ran', value: 'x' },
      { key: 'NUL', value: 'a\0b' },
    ];
    const end = await world.run(payload(script, { variables: variables(...named, ...refused) }));
    assert.equal(end.state, 'success', world.log);
    for (const value of values) assert.ok(world.log.includes(`<${value}>\n`), value);
  });

  it('fetches nothing but sources by what names of refs say (EXE-2)', async () => {
    const ref = "x';touch${IFS}ran;'";
    const git_info = {
      ...payload([]).git_info,
      ref,
      refspecs: [`+refs/heads/${ref}:refs/remotes/origin/${ref}`],
    };
    await world.run({
      ...payload(['true']),
      git_info,
      variables: variables({ key: 'GIT_STRATEGY', value: 'fetch' }),
    });
    assert.deepEqual(filesNamed(world.directory, 'ran'), []);
  });

  it('keeps files of variables to itself, and none of them after the job (EXE-3)', async () => {
    const file = { key: 'SECRET_FILE', value: 'in a file', file: true };
    const script = [
      'stat -c %a "$SECRET_FILE" "$(dirname "$SECRET_FILE")"',
      'echo "dir $(dirname "$SECRET_FILE")"',
    ];
    await world.run(payload(script, { variables: variables(file) }));
    assert.match(world.log, /\n600\n700\n/);
    const [, directory] = /\ndir (.*)\n/.exec(world.log)!;
    await world.drain();
    assert.equal(existsSync(directory!), false);
    assert.deepEqual(readdirSync(join(place(), 'tmp')), []);
  });

  it('ends and removes what is left of a job whose runner was killed (EXE-3, EXE-4)', async () => {
    const left = join(place(), 'tmp', 'job-of-a-killed-runner');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'SECRET_FILE'), 'in a file');
    const env = { PATH: process.env.PATH ?? '', RUNNER_TEMP_PROJECT_DIR: left };
    const orphan = spawn('sleep', ['600'], { env, stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    await once(orphan, 'spawn');
    await world.run(payload(['true']));
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.equal(existsSync(left), false);
  });

  it('kills what does not end when it is asked to (EXE-4)', async () => {
    const script = ["trap '' TERM", '(trap "" TERM; sleep 600) & sleep 600'];
    const begun = Date.now();
    const end = await world.run(payload(script, { runner_info: { timeout: 1, runner_session_url: null } }));
    assert.equal(end.failure_reason, 'job_execution_timeout');
    assert.ok(Date.now() - begun < 20_000);
  });

  it('uploads a link as a link, and nothing from outside its directory (EXE-6)', async () => {
    writeFileSync(join(world.directory, 'outside.txt'), 'outside');
    const outside = join(world.directory, 'outside.txt');
    const artifact = {
      name: null,
      untracked: false,
      paths: ['out/', '../../../../../outside.txt', outside, 'through/outside.txt'],
      when: 'on_success' as const,
      expire_in: null,
      artifact_type: 'archive' as const,
      artifact_format: 'zip' as const,
    };
    const script = [
      'mkdir out && echo in > out/in',
      `ln -s ${outside} out/link`,
      `ln -s ${world.directory} through`,
    ];
    await world.run(payload(script, { artifacts: [artifact] }));
    const files = await unzip(gitlab.uploads[0]!.bytes);
    assert.deepEqual([...files.keys()].sort(), ['out/', 'out/in', 'out/link']);
    assert.equal(files.get('out/link')!.toString(), outside);
  });

  it('has no cache whose key leads elsewhere, and none of another project (EXE-7)', async () => {
    const cache = (key: string): JobPayload['cache'] => [
      { key, untracked: false, paths: ['kept'], policy: 'pull-push', when: 'always', fallback_keys: [] },
    ];
    const other = join(world.directory, 'cache', '99', 'key');
    mkdirSync(other, { recursive: true });
    symlinkSync(other, join(world.directory, 'elsewhere'));
    const keys = ['../99/key', '../../elsewhere', '..', '.', 'a/b', '%2e%2e%2f99', 'a\\b', '$UP/99/key'];
    gitlab.onFinal = (update) =>
      gitlab.updates.filter(({ state }) => state === update.state).length < keys.length ? 403 : 200;
    for (const [index, key] of keys.entries()) {
      const up = variables({ key: 'UP', value: '..' });
      gitlab.jobs.push(payload(['echo x > kept'], { id: index + 1, cache: cache(key), variables: up }));
    }
    world.start();
    await gitlab.ended();
    assert.deepEqual(filesNamed(join(world.directory, 'cache'), 'cache.zip'), []);
    assert.deepEqual(readdirSync(other), []);
  });
});

/** Paths below a directory of files with this name. */
function filesNamed(directory: string, name: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.split('/').at(-1) === name,
  );
}
