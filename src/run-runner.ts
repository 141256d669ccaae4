import { existsSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runLoop } from './builtin-runner/loop.ts';
import { SettingsError, understood } from './settings.ts';
import { VERSION } from './version.ts';

const HELP = `Usage: teaspoon runner --url URL [options]

Runs jobs of a Teaspoon or GitLab server with bash on this machine, as the user who starts it.
The runner's authentication token (glrt-…) is read from TEASPOON_RUNNER_TOKEN or --token.

  --url URL              the server
  --token TOKEN          the runner's token; better in TEASPOON_RUNNER_TOKEN, where other users cannot read it
  --directory DIRECTORY  where builds and caches are kept (default ./teaspoon-runner)
  --concurrency NUMBER   jobs at once (default 1)
  --name NAME            how the runner is called in logs (default: the name of this machine)

SIGQUIT: takes no more jobs and ends when the running ones have. SIGTERM, SIGINT: ends them.
`;

/** The command `teaspoon runner`. */
export async function runRunner(words: string[]): Promise<number> {
  const values = understood(() => readWords(words), 'teaspoon runner');
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const token = values.token ?? process.env.TEASPOON_RUNNER_TOKEN;
  if (values.url === undefined || token === undefined) {
    throw new SettingsError('A runner needs --url and a token. See teaspoon runner --help.');
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new SettingsError('--concurrency must be 1 or more.');
  const directory = resolve(values.directory);
  if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });

  const { drain, stop } = endSignals(values['end-with-parent']);
  await runLoop(
    {
      url: values.url,
      token,
      directory,
      concurrency,
      name: values.name,
      version: VERSION,
      traceIntervalMs: values['trace-interval'] === undefined ? null : Number(values['trace-interval']),
      checkIntervalMs: 1000,
      report: (line) => console.error(`runner: ${line}`),
    },
    drain,
    stop,
  );
  return 0;
}

/**
 * When the server that started this runner is killed, running jobs go on and report to its successor on the same
 * address; no new ones are taken, as the successor starts a runner of its own.
 */
function endSignals(endWithParent: boolean): { drain: AbortSignal; stop: AbortSignal } {
  const drain = new AbortController();
  const stop = new AbortController();
  process.once('SIGQUIT', () => drain.abort());
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  if (endWithParent) {
    process.once('disconnect', () => drain.abort());
    process.channel?.unref();
    if (!process.connected) drain.abort();
  }
  return { drain: drain.signal, stop: stop.signal };
}

function readWords(words: string[]) {
  return parseArgs({
    args: words,
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      directory: { type: 'string', default: './teaspoon-runner' },
      concurrency: { type: 'string', default: '1' },
      name: { type: 'string', default: hostname() },
      'trace-interval': { type: 'string' },
      'end-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;
}
