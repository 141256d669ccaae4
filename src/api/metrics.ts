import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the server counts about itself, for Prometheus: GitLab's names where it has them. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'status'],
    registers: [this.registry],
  });
  readonly #durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time until the answer of a request began',
    labelNames: ['method'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 60],
    registers: [this.registry],
  });

  constructor() {
    const memory = () => process.memoryUsage.rss();
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of the process',
      registers: [this.registry],
      collect() {
        this.set(memory());
      },
    });
    const startedAt = Date.now() / 1000 - process.uptime();
    new Gauge({
      name: 'process_start_time_seconds',
      help: 'When the process began, seconds since 1970',
      registers: [this.registry],
    }).set(startedAt);
  }

  /** Counts one answered request. */
  noteRequest(method: string, status: number, seconds: number): void {
    this.#requests.inc({ method, status });
    this.#durations.observe({ method }, seconds);
  }
}
