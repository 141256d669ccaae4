import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../../test/until.ts';
import { JobShell, type ScriptEnd } from './job-shell.ts';
import { Pipes } from './pipes.ts';

/** Each is looked for at another moment of its two changes of program, in which its environment cannot be read. */
const SCRIPTS = 320;

describe('the shell of a job', () => {
  let directory: string;
  let pipes: Pipes;
  const never = new AbortController().signal;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'teaspoon-shell-'));
    pipes = new Pipes(join(directory, 'pipes'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const newShell = (variables: Record<string, string> = {}) => {
    const temporary = mkdtempSync(join(directory, 'job-'));
    const environment = new Map(Object.entries(variables));
    return new JobShell({ directory, temporary, environment, pipes, graceMs: 300 });
  };
  const say = async (shell: JobShell, text: string, signal = never): Promise<[ScriptEnd, string]> => {
    const parts: Buffer[] = [];
    const end = await shell.run({ name: 'script', whose: 'job', text }, (chunk) => parts.push(chunk), signal);
    return [end, Buffer.concat(parts).toString()];
  };

  const scripts: [string, string, number, string][] = [
    [
      'both outputs in their order',
      'for n in 1 2 3; do echo $n; echo e$n >&2; done',
      0,
      '1\ne1\n2\ne2\n3\ne3\n',
    ],
    [
      'what is written to the outputs by their names',
      'echo a | tee /dev/stderr; echo b >/dev/stdout',
      0,
      'a\na\nb\n',
    ],
    ['a megabyte, whole', 'head -c 1000000 /dev/zero | tr "\\0" x', 0, 'x'.repeat(1_000_000)],
    ['a last line without an end', 'printf end; exit 3', 3, 'end'],
    ['nothing to read', 'cat; echo "read $?"', 0, 'read 0\n'],
    ['no descriptor of the shell that starts it', '(echo 1 >&3) 2>/dev/null || echo none', 0, 'none\n'],
    ['a script that ends itself', 'kill -9 $$', 137, ''],
    ['its own process', '[ "$$" = "$BASHPID" ] && echo "$-"', 0, 'hB\n'],
  ];
  for (const [what, text, code, output] of scripts) {
    it(`gives ${what}`, async () => {
      const shell = newShell();
      assert.deepEqual(await say(shell, text), [{ ended: 'exited', code }, output]);
      await shell.close();
    });
  }

  it('runs one script after the other, each with nothing of the last', async () => {
    const own = { TEASPOON_SCRIPT: 'mine', REPLY: 'r', IFS: 'o', TMOUT: '1', UID: '7', CDPATH: '/' };
    const shell = newShell({ BASH_ENV: `${directory}/env`, ...own });
    await say(shell, `x=1; cd /; trap "echo trapped" EXIT; exit 4`);
    await say(shell, `echo 'echo from env' > ${directory}/env`);
    const [end, text] = await say(shell, 'echo "<$x> $PWD $REPLY"; trap');
    assert.deepEqual([end, text], [{ ended: 'exited', code: 0 }, `from env\n<> ${directory} r\n`]);
    await shell.close();
  });

  it('runs what is the runner’s own without what the job may have put into every bash', async () => {
    const shell = newShell({ BASH_ENV: `${directory}/own-env`, SHELLOPTS: 'xtrace' });
    await say(shell, `echo 'echo from env' > ${directory}/own-env`);
    const own = { name: 'own', whose: 'runner' as const, text: 'set -e; echo "own $X"; false; echo never' };
    const parts: Buffer[] = [];
    const end = await shell.run({ ...own, variables: { X: "it's" } }, (chunk) => parts.push(chunk), never);
    assert.deepEqual([end, String(Buffer.concat(parts))], [{ ended: 'exited', code: 1 }, "own it's\n"]);
    await shell.close();
  });

  it('goes on after a script that ended the shell which starts them', async () => {
    const shell = newShell();
    assert.deepEqual(await say(shell, 'kill -9 $PPID; sleep 5'), [{ ended: 'exited', code: 137 }, '']);
    assert.deepEqual(await say(shell, 'echo on'), [{ ended: 'exited', code: 0 }, 'on\n']);
    await shell.close();
  });

  it('goes on when the shell was ended between two scripts', async () => {
    const shell = newShell();
    const killer = '(sleep 0.2; kill -9 $PPID) >/dev/null 2>&1 &';
    assert.deepEqual(await say(shell, killer), [{ ended: 'exited', code: 0 }, '']);
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual(await say(shell, 'echo on'), [{ ended: 'exited', code: 0 }, 'on\n']);
    await shell.close();
  });

  it('ends a script that is told to, which may tidy up first, and runs others after it', async () => {
    const shell = newShell();
    const told = new AbortController();
    const running = say(
      shell,
      'trap "echo tidy; exit 1" TERM; echo on; while :; do sleep 0.05; done',
      told.signal,
    );
    setTimeout(() => told.abort(), 300);
    const [end, text] = await running;
    assert.deepEqual(end, { ended: 'stopped' });
    // Bash may say that the sleep got the signal too.
    assert.match(text, /^on\n(Terminated\n)?tidy\n$/);
    assert.deepEqual(await say(shell, 'echo after'), [{ ended: 'exited', code: 0 }, 'after\n']);
    await shell.close();
  });

  it('does not wait for a daemon that keeps the output', async () => {
    const shell = newShell();
    const [end, text] = await say(shell, '(while :; do echo; sleep 0.01; done) & echo done');
    assert.equal(end.ended, 'exited');
    assert.match(text, /done\n/);
    await shell.close();
  });

  it('leaves no daemon of any of many scripts that end while theirs still begins (EXE-4)', async () => {
    const seconds = `98.${Math.random().toString().slice(2, 10)}`;
    for (let n = 0; n < SCRIPTS; n += 8) {
      const shells = Array.from({ length: 8 }, () => newShell());
      await Promise.all(
        shells.map(async (shell) => {
          await say(shell, `(setsid nohup sleep ${seconds} >/dev/null 2>&1 &)`);
          await shell.close();
        }),
      );
    }
    // A killed process may be seen until it is next given the processor.
    const left = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${seconds}`);
    await until('the daemons to be gone', async () => !left() || undefined, { limitMs: 10_000 });
  });
});
