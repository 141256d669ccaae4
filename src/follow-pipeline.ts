import type { DemoView } from './demo-view.ts';

const POLL_MS = 150;
/** States in which nothing moves by itself any more. */
const RESTING = ['success', 'failed', 'canceled', 'skipped', 'manual'];

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
  const shown = new Map<number, number>();
  for (;;) {
    const { status } = await api.get<Pipeline>(`/projects/${project}/pipelines/${id}`);
    const jobs = await api.get<PipelineJob[]>(`/projects/${project}/pipelines/${id}/jobs`);
    for (const job of jobs.reverse()) {
      view.job(job);
      if (['created', 'pending', 'manual', 'skipped'].includes(job.status)) continue;
      const log = await api.bytes(`/projects/${project}/jobs/${job.id}/trace`);
      const ended = job.status !== 'running';
      shown.set(job.id, view.log(job, log, shown.get(job.id) ?? 0, ended));
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
    const response = await fetch(this.#base + path, { headers: { 'PRIVATE-TOKEN': this.#token } });
    const body = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${body}`);
    return body;
  }
}
