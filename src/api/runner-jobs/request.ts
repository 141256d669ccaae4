import { digestOf } from '../../project/token.ts';
import type { RunnerInfo } from '../../runner/protocol.ts';
import { type JobAnswer, requestJob } from '../../runner/request-job.ts';
import { refuse } from '../errors.ts';
import { type Answer, json, route } from '../route.ts';
import { requireWorkingRunner, runnerTokenOf } from '../runners/runner-token.ts';

/** A runner asks for a job (runner-api 2): 201 with it, 204 with the queue's version, or 409 to ask again now. */
export const requestRunnerJob = route({
  method: 'POST',
  path: '/api/v4/jobs/request',
  access: { by: 'runner' },
  input: {
    token: { type: 'string' },
    system_id: { type: 'string', maxLength: 64 },
    last_update: { type: 'string' },
    info: { type: 'hash' },
    session: { type: 'hash' },
  },
  rateLimit: {
    bucket: 'runner_jobs_request_api',
    perMinute: 'runner_jobs_request_api_limit',
    by: (call) => digestOf(runnerTokenOf(call)),
  },
  async handle(call): Promise<Answer> {
    const { params, rooms, baseUrl, ip, signal, now } = call;
    const runner = await requireWorkingRunner(call);
    const asked = requestJob(rooms, {
      runner,
      token: runnerTokenOf(call),
      systemId: params.system_id,
      info: (params.info ?? {}) as RunnerInfo,
      lastUpdate: params.last_update,
      ip,
      baseUrl,
      signal,
      now,
    });
    return asked.then(answerOf);
  },
});

function answerOf(answer: JobAnswer): Answer {
  switch (answer.kind) {
    case 'job':
      return json(answer.payload, 201);
    case 'nothing':
      return { status: 204, headers: { 'x-gitlab-last-update': answer.version } };
    case 'contended':
      throw refuse.conflict('409 Conflict');
  }
}
