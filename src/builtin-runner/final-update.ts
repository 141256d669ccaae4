import type { JobPayload, JobUpdate } from '../runner/protocol.ts';
import type { GitlabClient } from './client.ts';
import { pause } from './client.ts';
import type { JobFailure } from './job-failure.ts';
import type { LogStream } from './log-stream.ts';

const ATTEMPTS = 10;

/**
 * Tells the server how the job ended, until it is stored or refused for good (runner-api 4): 202 asks for patience,
 * 412 for the whole log again, 403 and 404 end it, everything else is tried again.
 */
export async function reportEnd(
  client: GitlabClient,
  job: JobPayload,
  log: LogStream,
  failure: JobFailure | null,
): Promise<void> {
  const update: JobUpdate = {
    token: job.token,
    state: failure === null ? 'success' : 'failed',
    ...(failure === null ? {} : { failure_reason: failure.reason }),
    ...(failure?.exitCode === undefined ? {} : { exit_code: failure.exitCode }),
    checksum: log.output.checksum,
    output: log.output,
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const reply = await client.updateJob(job.id, update).catch(() => null);
    if (reply?.status === 200 || reply?.status === 403 || reply?.status === 404) return;
    if (reply?.status === 412) await log.resend();
    else await pause(Math.min(60_000, 500 * 2 ** attempt), null);
  }
}
