/**
 * How long others wait while a pipeline of 10,000 jobs is created, listed and processed: a whole server here, its clients in
 * a thread of their own. Shown are the longest pause of the server's event loop, the slowest answer to somebody who reads
 * meanwhile, and the slowest to somebody who writes. Budget: 50 ms.
 *
 * node bench/large-pipeline.ts [jobs]
 */
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ScriptedRunner } from '../test/scripted-runner.ts';
import { callApi, startTestServer } from '../test/start-server.ts';

/** Jobs of a layer of the wide graph, and of a stage. */
const WIDTH = 100;
/** Needs of each job of the wide graph. */
const FAN_IN = 8;
/** Jobs that are run of each pipeline. */
const RUN = 100;

const SHAPES: Record<string, (index: number) => string> = {
  'one stage': () => '',
  'stages of 100': (index) => `, stage: s${Math.floor(index / WIDTH)}`,
  'chain of needs': (index) => `, needs: [${index === 0 ? '' : `j${index - 1}`}]`,
  'wide graph of needs': (index) => `, needs: [${layerNeeds(index).join(', ')}]`,
};

function layerNeeds(index: number): string[] {
  const layer = Math.floor(index / WIDTH);
  if (layer === 0) return [];
  return Array.from({ length: FAN_IN }, (_, k) => `j${(layer - 1) * WIDTH + ((index + k * 7) % WIDTH)}`);
}

function configuration(shape: string, size: number): string {
  const stages = Array.from({ length: Math.ceil(size / WIDTH) }, (_, index) => `s${index}`);
  const jobs = Array.from(
    { length: size },
    (_, index) => `j${index}: {script: make ${index}${SHAPES[shape]!(index)}}`,
  );
  return `stages: [test, ${stages.join(', ')}]\n${jobs.join('\n')}\n`;
}

interface Waits {
  phase: string;
  took: number;
  read: number;
  write: number;
}

/** The clients: one works, one reads and one writes all the while. */
class Clients {
  readonly #url: string;
  #on = true;
  read = 0;
  write = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await callApi<T>(this.#url, method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async #repeat(note: (took: number) => void, work: () => Promise<unknown>): Promise<void> {
    while (this.#on) {
      const start = performance.now();
      await work();
      note(performance.now() - start);
      await pause(3);
    }
  }

  async measure(phase: string, work: () => Promise<unknown>): Promise<Waits> {
    this.read = 0;
    this.write = 0;
    const start = performance.now();
    await work();
    const took = performance.now() - start;
    await pause(100); // what it held up ends
    return { phase, took, read: this.read, write: this.write };
  }

  async run(shape: string, size: number): Promise<void> {
    const other = await this.api<{ id: number }>('POST', '/projects', { name: 'other' });
    const { id } = await this.api<{ id: number }>('POST', '/projects', { name: 'large' });
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content: configuration(shape, size) }];
    const commit = { branch: 'main', commit_message: '[skip ci]', actions };
    await this.api('POST', `/projects/${id}/repository/commits`, commit);
    const made = await this.api<{ token: string }>('POST', '/user/runners', { runner_type: 'instance_type' });
    const runner = new ScriptedRunner(this.#url, made.token);
    await runner.request();
    let count = 0;
    const reader = this.#repeat(
      (took) => (this.read = Math.max(this.read, took)),
      () => this.api('GET', `/projects/${other.id}`),
    );
    const writer = this.#repeat(
      (took) => (this.write = Math.max(this.write, took)),
      () => this.api('PUT', `/projects/${other.id}`, { description: `${count++}` }),
    );
    await pause(300);
    const tell = (waits: Waits) => parentPort!.postMessage(waits);
    tell(await this.measure('nothing', () => pause(1000)));
    let pipeline = 0;
    tell(
      await this.measure('create', async () => {
        ({ id: pipeline } = await this.api<{ id: number }>('POST', `/projects/${id}/pipeline`, {
          ref: 'main',
        }));
        await pause(1500);
      }),
    );
    tell(
      await this.measure('list', async () => {
        for (let page = 1; page <= size / 100; page += 7) {
          await this.api('GET', `/projects/${id}/pipelines/${pipeline}/jobs?per_page=100&page=${page}`);
          await this.api('GET', `/projects/${id}/jobs?per_page=100&page=${page}`);
        }
        await this.api('GET', `/projects/${id}/pipelines`);
        await this.api('GET', `/projects/${id}/pipelines/${pipeline}`);
      }),
    );
    tell(
      await this.measure(`run ${RUN}`, async () => {
        for (let count = 0; count < RUN; count++) await runner.succeed(await runner.take());
      }),
    );
    tell(
      await this.measure('cancel', () => this.api('POST', `/projects/${id}/pipelines/${pipeline}/cancel`)),
    );
    this.#on = false;
    await Promise.all([reader, writer]);
  }
}

/** Prints one line for each phase of each shape. */
export async function waits(size: number): Promise<void> {
  console.log(`\na pipeline of ${size} jobs: longest wait of others, ms`);
  const heads = ['took', 'event loop', 'read', 'write'].map((head) => head.padStart(11));
  console.log(['shape'.padEnd(22), 'phase'.padEnd(10), ...heads].join(''));
  // The first is not shown: the compiler warms up.
  for (const [turn, shape] of ['one stage', ...Object.keys(SHAPES)].entries()) {
    const { server, drop } = await startTestServer('sqlite');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const worker = new Worker(new URL(import.meta.url), { workerData: { url: server.url, shape, size } });
    worker.on('message', ({ phase, took, read, write }: Waits) => {
      const numbers = [took, delay.max / 1e6, read, write].map((ms) => ms.toFixed(0).padStart(11));
      if (turn > 0) console.log([shape.padEnd(22), phase.padEnd(10), ...numbers].join(''));
      delay.reset();
    });
    delay.enable();
    await once(worker, 'exit');
    await drop();
  }
}

if (!isMainThread) {
  const { url, shape, size } = workerData as { url: string; shape: string; size: number };
  await new Clients(url).run(shape, size);
} else if (process.argv[1] === new URL(import.meta.url).pathname) {
  await waits(Number(process.argv[2] ?? 10_000));
}
