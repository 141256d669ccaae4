import { updateJob } from '../../runner/update-job.ts';
import { Refused, refuse } from '../errors.ts';
import { type Answer, route } from '../route.ts';
import { jobTokenOf, RUNNER_JOB_LIMIT, requireGivenJob } from './executing-job.ts';

/** A runner tells how its job goes and how it ended (runner-api 4). Every answer says the job's status. */
export const updateRunnerJob = route({
  method: 'PUT',
  path: '/api/v4/jobs/:id',
  access: { by: 'job' },
  rateLimit: RUNNER_JOB_LIMIT,
  input: {
    id: { type: 'integer', required: true },
    token: { type: 'string' },
    state: { type: 'string' },
    failure_reason: { type: 'string' },
    exit_code: { type: 'integer' },
    checksum: { type: 'string' },
    output: { type: 'object', of: { checksum: { type: 'string' }, bytesize: { type: 'integer' } } },
  },
  async handle(call): Promise<Answer> {
    const { params, rooms, now } = call;
    const job = await requireGivenJob(call, params.id, params.token);
    const said = {
      state: params.state ?? null,
      failureReason: params.failure_reason ?? null,
      exitCode: params.exit_code ?? null,
      checksum: params.output?.checksum ?? params.checksum ?? null,
      bytesize: params.output?.bytesize ?? null,
    };
    const token = jobTokenOf(call.request, params.token);
    const result = await updateJob(rooms, job, said, { token, baseUrl: call.baseUrl }, now);
    const headers = { 'job-status': result.jobStatus };
    switch (result.kind) {
      case 'stored':
        return { status: 200, headers, body: '200' };
      case 'resend':
        return { status: 412, headers, body: '412' };
      case 'unknown_state':
        throw withStatus(refuse.badRequest('Unknown build state'), headers);
      case 'accepted_before':
        throw withStatus(refuse.conflict('409 Conflict'), headers);
      case 'ended':
        throw withStatus(refuse.forbidden('Job is not processing on runner'), headers);
    }
  },
});

function withStatus(refused: Refused, headers: Record<string, string>): Refused {
  return new Refused({ ...refused.answer, headers: { ...refused.answer.headers, ...headers } });
}
