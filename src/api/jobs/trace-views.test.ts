import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Ask, JobWorld } from '../../../test/job-world.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';

const YAML = 'one: {script: exit}\ntwo: {script: exit}\n';
let world: JobWorld;
before(async () => {
  world = await JobWorld.open();
});
after(() => world.close());

async function runningJob(log = ''): Promise<JobRow> {
  const { one } = await world.pipeline(YAML);
  await world.run(one!);
  if (log !== '') await world.append(one!, 0, log);
  return one!;
}

async function end(job: JobRow): Promise<void> {
  await world.move(job, { type: 'success' });
  await world.traces.archiveFinished(100, world.now);
}

const read = (job: JobRow, rest: string, ask: Ask = {}) =>
  world.ask(world.path(job, `/trace${rest}`), { as: 'reporter', ...ask });

describe('a part of a trace', () => {
  const LOG = '0123456789 a log\nof two lines\n';

  it('is what slicing gives, for every range, live and archived', async () => {
    const job = await runningJob(LOG);
    for (const live of [true, false]) {
      if (!live) await end(job);
      await fc.assert(
        fc.asyncProperty(fc.nat(LOG.length - 1), fc.nat(40), async (start, length) => {
          const last = start + length;
          const { status, text, headers } = await read(job, '', {
            headers: { range: `bytes=${start}-${last}` },
          });
          assert.equal(status, 206);
          assert.equal(text, LOG.slice(start, last + 1));
          const until = Math.min(last, LOG.length - 1);
          assert.equal(headers['content-range'], `bytes ${start}-${until}/${LOG.length}`);
        }),
        { numRuns: 25 },
      );
      const tail = await read(job, '', { headers: { range: 'bytes=-5' } });
      assert.deepEqual([tail.status, tail.text], [206, LOG.slice(-5)]);
      const beyond = await read(job, '', { headers: { range: `bytes=${LOG.length}-` } });
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${LOG.length}`]);
    }
  });

  it('is refused when the log is no longer the one that is meant', async () => {
    const job = await runningJob('one\n');
    const { etag } = (await read(job, '', { method: 'HEAD' })).headers;
    const ask = () => read(job, '', { headers: { range: 'bytes=0-1', 'if-range': etag! } });
    assert.deepEqual([(await ask()).status, (await ask()).text], [206, 'on']);
    await world.append(job, 4, 'two\n');
    assert.deepEqual([(await ask()).status, (await ask()).text], [200, 'one\ntwo\n']);
  });

  it('changes nothing for who asks for none; HEAD tells the size', async () => {
    const job = await runningJob(LOG);
    const whole = await read(job, '');
    assert.deepEqual([whole.status, whole.text, whole.headers['content-type']], [200, LOG, 'text/plain']);
    const head = await read(job, '', { method: 'HEAD' });
    const { 'content-length': size, 'accept-ranges': ranges } = head.headers;
    assert.deepEqual([head.status, head.text, size, ranges], [200, '', String(LOG.length), 'bytes']);
    assert.match(String(head.headers['content-security-policy']), /sandbox/);
  });
});

it('the raw page is plain text that runs nothing', async () => {
  const job = await runningJob('<html><script>alert(1)</script>');
  const { status, text, headers } = await world.ask(`/${world.world.project.fullPath}/-/jobs/${job.id}/raw`, {
    as: 'reporter',
  });
  assert.deepEqual([status, text], [200, '<html><script>alert(1)</script>']);
  assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['content-security-policy']), /^sandbox; default-src 'none'$/);
});

describe('lines, index and search of a trace', () => {
  const LOG =
    'before\nsection_start:1700000000:build[collapsed=true]\r\u001b[0KBuild\nüne\nerror: no\nsection_end:1700000007:build\r\u001b[0K\nlast';

  it('are told alike while the job runs and after it', async () => {
    const job = await runningJob(LOG.replace('ü', 'u'));
    for (const live of [true, false]) {
      if (!live) await end(job);
      const lines = await read(job, '/lines?first=2&limit=2');
      const {
        'x-teaspoon-first-line': first,
        'x-teaspoon-total-lines': total,
        'x-teaspoon-offset': offset,
      } = lines.headers;
      assert.deepEqual([lines.status, lines.text, first, total], [200, 'une\nerror: no\n', '2', '6']);
      assert.equal(offset, String(LOG.indexOf('üne')));
      assert.deepEqual((await read(job, '/index')).json, {
        size: LOG.length,
        lines: 6,
        ended: !live,
        sections: [
          {
            name: 'build',
            header: 'Build',
            first_line: 1,
            last_line: 4,
            started_at: 1_700_000_000,
            finished_at: 1_700_000_007,
            collapsed: true,
            hide_duration: false,
          },
        ],
        times: [[0, world.now]],
      });
      assert.deepEqual((await read(job, '/search?q=ST')).json, {
        count: 1,
        complete: true,
        matches: [{ line: 5, column: 2 }],
      });
      assert.deepEqual((await read(job, '/search?kind=error')).json, {
        count: 1,
        complete: true,
        matches: [{ line: 3, column: 0 }],
      });
    }
  });

  it('of a job without a log are empty', async () => {
    const { two } = await world.pipeline(YAML);
    assert.deepEqual((await read(two!, '/index')).json, {
      size: 0,
      lines: 0,
      ended: false,
      sections: [],
      times: [],
    });
    const lines = await read(two!, '/lines?first=7');
    assert.deepEqual([lines.status, lines.text, lines.headers['x-teaspoon-total-lines']], [200, '', '0']);
    assert.deepEqual((await read(two!, '/search?q=x')).json, { count: 0, complete: true, matches: [] });
    assert.equal((await read(two!, '/search')).status, 400);
  });

  it('are for those who may read the trace', async () => {
    const job = await runningJob();
    await world.append(job, 0, 'secret', '?debug_trace=true');
    for (const view of ['/lines', '/index', '/search?q=secret', '/stream']) {
      const seen = await Promise.all(
        ['reporter', 'stranger'].map(async (as) => (await read(job, view, { as })).status),
      );
      assert.deepEqual(seen, [403, 404], view);
    }
    assert.equal((await read(job, '/lines', { as: 'developer' })).text, 'secret');
  });
});

interface Event {
  event?: string;
  id?: string;
  data?: unknown;
}

/** Listens to the stream of a log; `next` gives its events one by one, null when it is over. */
async function listen(job: JobRow, query = '', { as = 'reporter', headers = {} } = {}) {
  const url = new URL(world.path(job, `/trace/stream${query}`), world.api.url);
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(url, { headers: { 'private-token': world.secretOf(as), ...headers }, agent: false }, resolve);
  });
  async function* events(): AsyncGenerator<Event> {
    let rest = '';
    for await (const part of response) {
      const blocks = (rest + part.toString()).split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks.filter((text) => !text.startsWith(':'))) {
        const fields = block.split('\n').map((line) => line.split(/: (.*)/).slice(0, 2));
        const event = Object.fromEntries(fields) as Event;
        if (typeof event.data === 'string') event.data = JSON.parse(event.data);
        yield event;
      }
    }
  }
  const iterator = events();
  return {
    next: async () => (await iterator.next()).value ?? null,
    close: () => response.destroy(),
  };
}

describe('the stream of a trace', () => {
  it('sends what is there, what comes, and the end', async () => {
    const job = await runningJob('one\n');
    const stream = await listen(job, '?offset=1');
    assert.deepEqual(await stream.next(), { id: '4', data: 'ne\n' });
    const next = stream.next();
    await world.append(job, 4, 'two\n');
    assert.deepEqual(await next, { id: '8', data: 'two\n' });
    await end(job);
    assert.deepEqual(await stream.next(), { event: 'end', id: '8', data: '' });
    assert.equal(await stream.next(), null);
  });

  it('goes on from the id that was seen last', async () => {
    const job = await runningJob('one\ntwo\n');
    const stream = await listen(job, '?offset=0', { headers: { 'last-event-id': '4' } });
    assert.deepEqual(await stream.next(), { id: '8', data: 'two\n' });
    stream.close();
  });

  it('cuts no character, and shows what is no character as such', async () => {
    const job = await runningJob();
    const bytes = Buffer.from('a€\u{1f600}b');
    const send = (start: number, part: Buffer) =>
      world.traces.append({ jobId: job.id, start, bytes: part, limit: 1e6, now: world.now });
    const stream = await listen(job);
    const seen: (Event | null)[] = [];
    const cuts = [1, 3, 4, 6, 8, bytes.length];
    for (const [n, cut] of cuts.entries())
      await send(cuts[n - 1] ?? 0, bytes.subarray(cuts[n - 1] ?? 0, cut));
    await send(bytes.length, Buffer.from([0xff, 0x0a, 0xe2, 0x82]));
    await end(job);
    for (let event = await stream.next(); event?.event !== 'end'; event = await stream.next())
      seen.push(event);
    assert.equal(seen.map((event) => event?.data).join(''), 'a€\u{1f600}b\ufffd\n\ufffd');
    for (const event of seen.slice(0, -1)) {
      const offset = Number(event?.id);
      assert.ok(offset >= bytes.length || !bytes.subarray(offset).toString().startsWith('\ufffd'));
    }
  });

  it('says when the runner sends its log again', async () => {
    const job = await runningJob('wrong and longer\n');
    const stream = await listen(job);
    assert.deepEqual(await stream.next(), { id: '17', data: 'wrong and longer\n' });
    await world.traces.settle(job.id, { checksum: 'crc32:00000001', bytesize: 3 }, world.now);
    assert.deepEqual(await stream.next(), { event: 'restart', id: '0', data: '' });
    await world.append(job, 0, 'right\n');
    assert.deepEqual(await stream.next(), { id: '6', data: 'right\n' });
    stream.close();
  });

  it('ends for who may no longer read it, before anything is sent', async () => {
    const job = await runningJob();
    const stream = await listen(job);
    await world.append(job, 0, 'secret', '?debug_trace=true');
    assert.equal(await stream.next(), null);
    assert.equal((await read(job, '/stream', { as: 'reporter' })).status, 403);
  });

  it('leaves nothing behind when its reader goes', async () => {
    const job = await runningJob('x');
    const before = world.world.db.notifications.size;
    const stream = await listen(job);
    await stream.next();
    const waiting = stream.next().catch(() => null);
    stream.close();
    await waiting;
    for (let tries = 0; tries < 100 && world.world.db.notifications.size > before; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(world.world.db.notifications.size, before);
  });

  it('is given to one user a number of times, and ends with the server', async () => {
    const job = await runningJob('x');
    const streams = await Promise.all(Array.from({ length: 30 }, () => listen(job)));
    assert.equal((await read(job, '/stream')).status, 429);
    streams.pop()!.close();
    for (let tries = 0; tries < 100; tries++) {
      const again = await listen(job);
      if ((await again.next()) !== null) {
        streams.push(again);
        break;
      }
    }
    assert.equal(streams.length, 30);
    const rest = streams.map(async (stream) => {
      for (let event = await stream.next(); event !== null; event = await stream.next());
    });
    world.traces.watching.end();
    await Promise.all(rest);
  });
});
