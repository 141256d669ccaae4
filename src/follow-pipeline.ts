import type { DemoView } from './demo-view.ts';

const POLL_MS = 150;
/** States in which nothing moves by itself any more. */
const RESTING = ['success', 'failed', 'canceled', 'skipped', 'manual'];
const WITHOUT_LOG = ['created', 'pending', 'manual', 'skipped'];

/** A pipeline as the API tells it. */
export interface Pipeline {
  id: number;
  status: string;
  web_url: string;
}

/** A job of it. */
export interface PipelineJob {
  id: number;
  name: string;
  stage: string;
  status: string;
  duration: number | null;
  allow_failure: boolean;
}

/** Follows every job and its log until nothing moves any more; gives the pipeline's status. */
export async function followPipeline(
  api: ServerApi,
  project: string,
  id: number,
  view: DemoView,
): Promise<string> {
  /** Bytes of each log that were shown, and the jobs of which nothing will follow. */
  const shown = new Map<number, number>();
  const over = new Set<number>();
  for (;;) {
    const { status } = await api.get<Pipeline>(`/projects/${project}/pipelines/${id}`);
    const jobs = await api.get<PipelineJob[]>(`/projects/${project}/pipelines/${id}/jobs?per_page=100`);
    for (const job of jobs.reverse()) {
      view.job(job);
      if (WITHOUT_LOG.includes(job.status) || over.has(job.id)) continue;
      const ended = job.status !== 'running';
      const from = shown.get(job.id) ?? 0;
      const more = await api.bytesFrom(`/projects/${project}/jobs/${job.id}/trace`, from);
      shown.set(job.id, from + view.log(job, more, ended));
      if (ended) over.add(job.id);
    }
    if (RESTING.includes(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** The public API, as any client sees it. */
export class ServerApi {
  readonly #base: string;
  readonly #token: string;
  constructor(url: string, token: string) {
    this.#base = `${url}/api/v4`;
    this.#token = token;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await this.bytes(path)).toString()) as T;
  }

  async bytes(path: string): Promise<Buffer> {
    return this.#ask(path, {});
  }

  /** What there is from byte `offset` on. */
  async bytesFrom(path: string, offset: number): Promise<Buffer> {
    return this.#ask(path, { Range: `bytes=${offset}-` });
  }

  async #ask(path: string, headers: Record<string, string>): Promise<Buffer> {
    const response = await fetch(this.#base + path, {
      headers: { 'PRIVATE-TOKEN': this.#token, ...headers },
    });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status === 416) return Buffer.alloc(0); // nothing beyond the offset yet
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${body}`);
    return body;
  }
}
