import { JobFailed, systemFailure } from './job-failure.ts';
import type { JobShell, Script } from './job-shell.ts';
import type { LogStream } from './log-stream.ts';

/** Milliseconds that a question to git may take. */
const QUESTION_MS = 60_000;

/**
 * Runs one bash text of a job, whose output goes to its log. Throws JobFailed for an exit code other than 0, and the signal's
 * reason when that ended it.
 */
export async function runScript(
  { shell, log }: { shell: JobShell; log: LogStream },
  script: Script,
  signal: AbortSignal,
): Promise<void> {
  const end = await shell
    .run(script, (chunk) => log.write(chunk), signal)
    .catch((error: Error) => {
      throw systemFailure(`bash could not be started: ${error.message}`);
    });
  if (end.ended === 'stopped') throw signal.reason;
  if (end.code !== 0) {
    throw new JobFailed({
      reason: 'script_failure',
      exitCode: end.code,
      message: `exit status ${end.code}`,
    });
  }
}

/** Paths in the project's directory that git does not know. */
export async function untrackedFiles(shell: JobShell): Promise<string[]> {
  const parts: Buffer[] = [];
  const question: Script = {
    name: 'untracked',
    whose: 'runner',
    text: 'git ls-files --others -z 2>/dev/null\n',
  };
  await shell.run(question, (chunk) => parts.push(chunk), AbortSignal.timeout(QUESTION_MS));
  return Buffer.concat(parts)
    .toString()
    .split('\0')
    .filter((path) => path !== '');
}
