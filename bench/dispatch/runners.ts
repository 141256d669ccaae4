/**
 * Scripted runners in a process of their own: they ask for jobs and do nothing else. They speak HTTP over bare sockets, as
 * Node's client would take as much of the two cores as the server it measures.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

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
  /** Processor time of all the runners for one claim, microseconds. */
  client: number;
}

/** Claims so many jobs with all runners at once. */
export async function claimJobs(load: Load): Promise<Loaded> {
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(load));
  const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
  if (code !== 0) throw new Error('the runners failed');
  return JSON.parse(String(Buffer.concat(output))) as Loaded;
}

async function drive({ port, tokens, claims }: Load): Promise<Loaded> {
  const runners = await Promise.all(tokens.map((token) => Runner.open(port, token)));
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const times: number[] = [];
  let left = claims;
  let bytes = 0;
  const work = async (runner: Runner) => {
    while (left > 0) {
      left -= 1;
      const asked = performance.now();
      const answer = await runner.ask();
      if (answer.status === 201) {
        times.push(performance.now() - asked);
        bytes = answer.bytes;
      } else if (answer.status === 409 || answer.status === 204) left += 1;
      else throw new Error(`answered ${answer.status}`);
    }
  };
  await Promise.all(runners.map(work));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  for (const runner of runners) runner.close();
  times.sort((a, b) => a - b);
  const p95 = times[Math.floor(times.length * 0.95)]!;
  return { seconds, p50: times[times.length >> 1]!, p95, bytes, client: (user + system) / claims };
}

interface Answer {
  status: number;
  bytes: number;
}

/** One runner with its connection. */
class Runner {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #head = '';
  /** Bytes of the answer's body that are still to come; null while its head is. */
  #missing: number | null = null;
  #answer: Answer = { status: 0, bytes: 0 };
  #resolve: (answer: Answer) => void = () => {};

  private constructor(socket: Socket, port: number, token: string) {
    const body = JSON.stringify({ token, system_id: 's_bench', info: { version: '19.4.0', features: {} } });
    this.#socket = socket;
    this.#request = Buffer.from(
      `POST /api/v4/jobs/request HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => {
      throw error;
    });
  }

  static async open(port: number, token: string): Promise<Runner> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Runner(socket, port, token);
  }

  ask(): Promise<Answer> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#socket.write(this.#request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    let body = chunk.length;
    if (this.#missing === null) {
      this.#head += chunk.toString('latin1');
      const end = this.#head.indexOf('\r\n\r\n');
      if (end < 0) return;
      body = this.#head.length - end - 4;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#head.slice(0, end))?.[1] ?? 0);
      this.#answer = { status: Number(this.#head.slice(9, 12)), bytes: length };
      this.#missing = length;
      this.#head = '';
    }
    this.#missing -= body;
    if (this.#missing > 0) return;
    this.#missing = null;
    this.#resolve(this.#answer);
  }
}

if (process.argv[1] === import.meta.filename) {
  const load = JSON.parse(String(Buffer.concat(await process.stdin.toArray()))) as Load;
  process.stdout.write(JSON.stringify(await drive(load)));
}
