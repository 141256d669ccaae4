import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JobFailed, systemFailure } from './job-failure.ts';
import type { LogStream } from './log-stream.ts';
import { runProcess } from './shell.ts';

/** Where the scripts of one job run. */
export interface ScriptPlace {
  directory: string;
  /** For the script's own file; unguessable by its parent's name and mode. */
  temporary: string;
  log: LogStream;
}

/**
 * Runs one bash text in the job's directory. Throws JobFailed for an exit code other than 0, and the signal's reason
 * when that ended it.
 */
export async function runScript(
  place: ScriptPlace,
  name: string,
  text: string,
  environment: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const file = join(place.temporary, `${name}.sh`);
  mkdirSync(place.temporary, { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o700 });
  const result = await runProcess('bash', [file], {
    directory: place.directory,
    environment,
    onOutput: (chunk) => place.log.write(chunk),
    signal,
  }).catch((error: Error) => {
    throw systemFailure(`bash could not be started: ${error.message}`);
  });
  if (result.ended === 'killed') throw signal.reason;
  if (result.code !== 0) {
    throw new JobFailed({
      reason: 'script_failure',
      exitCode: result.code,
      message: `exit status ${result.code}`,
    });
  }
}

/** Runs a program quietly and gives its output; for questions such as which files git does not know. */
export async function outputOf(
  program: string,
  args: string[],
  directory: string,
  environment: ReadonlyMap<string, string>,
): Promise<string> {
  const parts: Buffer[] = [];
  await runProcess(program, args, {
    directory,
    environment,
    onOutput: (chunk) => parts.push(chunk),
    signal: AbortSignal.timeout(60_000),
  });
  return Buffer.concat(parts).toString();
}
