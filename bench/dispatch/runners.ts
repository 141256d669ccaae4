/** Scripted runners in a thread of their own: they ask for jobs and do nothing else. */
import { Agent, request } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export interface Load {
  port: number;
  tokens: string[];
  claims: number;
}

export interface Loaded {
  seconds: number;
  /** Median and 95th percentile of one request that got a job, milliseconds. */
  p50: number;
  p95: number;
  /** Bytes of the last payload. */
  bytes: number;
}

/** Claims so many jobs with all runners at once. */
export function claimJobs(load: Load): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: load });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

if (!isMainThread) parentPort!.postMessage(await drive(workerData as Load));

async function drive({ port, tokens, claims }: Load): Promise<Loaded> {
  const agent = new Agent({ keepAlive: true });
  const begun = performance.now();
  const times: number[] = [];
  let left = claims;
  let bytes = 0;
  const runner = async (token: string) => {
    while (left > 0) {
      left -= 1;
      const asked = performance.now();
      const answer = await ask(agent, port, token);
      if (answer.status === 201) {
        times.push(performance.now() - asked);
        bytes = answer.bytes;
      } else if (answer.status === 409 || answer.status === 204) left += 1;
      else throw new Error(`answered ${answer.status}`);
    }
  };
  await Promise.all(tokens.map(runner));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return { seconds, p50: times[times.length >> 1]!, p95: times[Math.floor(times.length * 0.95)]!, bytes };
}

function ask(agent: Agent, port: number, token: string): Promise<{ status: number; bytes: number }> {
  const body = JSON.stringify({ token, system_id: 's_bench', info: { version: '19.4.0', features: {} } });
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, method: 'POST', path: '/api/v4/jobs/request', headers },
      (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode!, bytes }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
