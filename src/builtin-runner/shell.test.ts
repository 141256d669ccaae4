import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { it } from 'node:test';
import { until } from '../../test/until.ts';
import { runProcess } from './shell.ts';

/** Each is looked for at another moment of its two changes of program, in which its environment cannot be read. */
const SCRIPTS = 320;

it('leaves no daemon of any of many scripts that end while theirs still begins (EXE-4)', async () => {
  const seconds = `98.${Math.random().toString().slice(2, 10)}`;
  const script = `(setsid nohup sleep ${seconds} >/dev/null 2>&1 &)`;
  const options = { directory: tmpdir(), environment: new Map(), onOutput: () => {} };
  for (let n = 0; n < SCRIPTS; n += 8) {
    await Promise.all(
      Array.from({ length: 8 }, () =>
        runProcess('bash', ['-c', script], { ...options, signal: new AbortController().signal }),
      ),
    );
  }
  // A killed process may be seen until it is next given the processor.
  const left = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`sleep ${seconds}`);
  await until('the daemons to be gone', async () => !left() || undefined, { limitMs: 10_000 });
});
