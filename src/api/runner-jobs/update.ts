import { updateJob } from '../../runner/update-job.ts';
import { Refused, refuse } from '../errors.ts';
import { type Answer, route } from '../route.ts';
import { jobTokenOf, RUNNER_JOB_LIMIT, requireGivenJob } from './executing-job.ts';

/** The answer is the code alone (runner-api 4). */
const STATUS = { stored: 200, resend: 412, unknown_state: 400, accepted_before: 409 } as const;

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
    if (result.kind === 'ended') {
      const { answer } = refuse.forbidden('Job is not processing on runner');
      throw new Refused({ ...answer, headers: { ...answer.headers, ...headers } });
    }
    const status = STATUS[result.kind];
    return { status, headers, body: String(status) };
  },
});
