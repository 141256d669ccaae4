import type { TestServer } from './start-server.ts';

/**
 * Asks again and again until `question` gives something else than undefined; throws when `limitMs` are over, saying what
 * it waited for.
 */
export async function until<T>(
  what: string,
  question: () => Promise<T | undefined>,
  { limitMs = 60_000, pauseMs = 50 } = {},
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
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
