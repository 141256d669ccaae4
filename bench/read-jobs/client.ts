import { Agent, type RequestOptions, request } from 'node:http';
import { TOKEN } from './servers.ts';

export const CONNECTIONS = 50;
/** So long until what answers is compiled. */
const WARM_UP_SECONDS = 3;

/** An answer, read whole; `headers` are names and values in turn. */
export interface Got {
  headers: string[];
  body: Buffer;
}

/** Answers a second, all of them read whole, while `begin` is called when the warm-up is over. Throws when one is not 200. */
export async function rate(
  port: number,
  path: () => string,
  seconds: number,
  begin: () => void,
): Promise<{ answers: number; perSecond: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await round(port, agent, path, WARM_UP_SECONDS);
  begin();
  const startedAt = performance.now();
  const answers = await round(port, agent, path, seconds);
  const took = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return { answers, perSecond: answers / took };
}

async function round(port: number, agent: Agent, path: () => string, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  const connection = async () => {
    while (performance.now() < until) {
      await get(port, path(), agent);
      answers++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answers;
}

export function get(port: number, path: string, agent?: Agent): Promise<Got> {
  return ask({ port, path, headers: { 'private-token': TOKEN }, ...(agent ? { agent } : {}) });
}

export async function put(port: number, body: string): Promise<void> {
  await ask({ port, path: '/', method: 'PUT' }, body);
}

function ask(options: RequestOptions, body?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        if (response.statusCode === 200) resolve({ headers: response.rawHeaders, body: bytes });
        else reject(new Error(`${response.statusCode} ${bytes}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
