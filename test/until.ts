import type { TestServer } from './start-server.ts';

const LIMIT_MS = 60_000;
const PAUSE_MS = 50;

/** Asks again and again until `question` gives something else than undefined; throws after a minute, saying what it waited for. */
export async function until<T>(what: string, question: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Waits until a pipeline has this status and none of its jobs is under way. */
export async function untilPipelineIs(
  server: Pick<TestServer, 'api'>,
  project: string,
  id: number,
  status: string,
): Promise<void> {
  await until(`pipeline ${id} to be ${status}`, async () => {
    const pipeline = await server.api<{ status: string }>('GET', `${project}/pipelines/${id}`);
    return pipeline.body.status === status || undefined;
  });
}
