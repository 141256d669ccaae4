import { Readable } from 'node:stream';
import { jobById } from '../../pipeline/job-lookup.ts';
import { COMPLETED } from '../../pipeline/status.ts';
import { userOf } from '../../project/caller.ts';
import { nextBytes } from '../../trace/live.ts';
import { Refused, refuse } from '../errors.ts';
import { type Call, route, stream } from '../route.ts';
import { JOB_INPUT } from './find-job.ts';
import { requireReadableTrace } from './trace.ts';

/** A comment is sent after so many milliseconds without news, so that nobody between takes the connection for dead. */
const QUIET_MS = 15_000;
/** Streams of one user. */
const MAX_STREAMS = 30;

/**
 * GET /projects/:id/jobs/:job_id/trace/stream: what follows `offset` (bytes), as server-sent events, for as long as the log grows; ours,
 * not GitLab's. `data` is a JSON string, cut where a character ends, bytes that are no UTF-8 as U+FFFD; `id` the offset that
 * follows it, from which `Last-Event-ID` goes on. `event: restart` says that the runner sends its log again from 0, `event: end` that the
 * job is over and all was sent. Who may no longer read the log is sent nothing more.
 */
export const streamTrace = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/trace/stream',
  access: { by: 'user' },
  input: { ...JOB_INPUT, offset: { type: 'integer', default: 0, min: 0 } },
  async handle(call) {
    const { params, request, rooms } = call;
    const job = await requireReadableTrace(call, params.id, params.job_id);
    const last = request.headers['last-event-id'];
    const offset = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : params.offset;
    const leave = rooms.traces.watching.open(`u${userOf(call.caller)?.id}`, MAX_STREAMS);
    if (leave === null) throw refuse.tooManyRequests(60);
    const mayRead = () => requireReadableTrace(call, params.id, params.job_id);
    const body = Readable.from(events(call, { jobId: job.id, offset, mayRead }), { objectMode: false });
    body.once('close', leave);
    return stream(body, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
  },
});

interface Listening {
  jobId: number;
  offset: number;
  /** Throws `Refused` when the log is no longer for this caller. */
  mayRead(): Promise<unknown>;
}

async function* events(
  call: Pick<Call, 'rooms' | 'signal'>,
  { jobId, offset, mayRead }: Listening,
): AsyncGenerator<string> {
  const { traces, db } = call.rooms;
  const signal = AbortSignal.any([call.signal, traces.watching.ended]);
  const wasResent = async () => (await traces.view(jobId))?.resent ?? false;
  let read = offset;
  /** The beginning of a character waits for its rest, here and for who comes back with the id. */
  let cut: Buffer = NOTHING;
  let resent = await wasResent();
  yield ': open\n\n';
  while (!signal.aborted) {
    const follow = { jobId, offset: read, timeout: QUIET_MS, signal, ended: () => hasEnded(call, jobId) };
    const next = await nextBytes(traces, db.notifications, follow);
    if (signal.aborted || !(await succeeds(mayRead))) return;
    const restarted = next.kind === 'restarted' || (!resent && (await wasResent()));
    if (restarted) {
      resent = await wasResent();
      read = 0;
      cut = NOTHING;
      yield event('restart', '', 0);
    } else if (next.kind === 'bytes') {
      read += next.bytes.length;
      const bytes = Buffer.concat([cut, next.bytes]);
      const end = wholeCharacters(bytes);
      cut = bytes.subarray(end);
      if (end > 0) yield event('message', bytes.toString('utf8', 0, end), read - cut.length);
    } else if (next.kind === 'ended') {
      if (cut.length > 0) yield event('message', cut.toString('utf8'), read);
      yield event('end', '', read);
      return;
    } else yield ':\n\n';
  }
}

const NOTHING = Buffer.alloc(0);

function event(name: 'message' | 'restart' | 'end', text: string, id: number): string {
  const kind = name === 'message' ? '' : `event: ${name}\n`;
  return `${kind}id: ${id}\ndata: ${JSON.stringify(text)}\n\n`;
}

async function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check();
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** How many of these bytes there are up to the end of the last UTF-8 character that is not cut. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Whether the job is over, so that nothing will follow. */
async function hasEnded({ rooms }: Pick<Call, 'rooms'>, jobId: number): Promise<boolean> {
  return COMPLETED.has((await jobById(rooms.db.read, jobId))?.status ?? 'canceled');
}
