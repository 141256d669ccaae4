/** Upper bounds of the histogram of durations, seconds. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 60];

interface Durations {
  /** Per bucket, those that are not in an earlier one. */
  counts: number[];
  count: number;
  sum: number;
}

/** What the server counts about itself, for Prometheus: GitLab's names where it has them. */
export class Metrics {
  readonly #requests = new Map<string, { method: string; status: number; count: number }>();
  readonly #durations = new Map<string, Durations>();
  readonly #startedAt = Date.now() / 1000 - process.uptime();

  /** Counts one answered request. */
  noteRequest(method: string, status: number, seconds: number): void {
    const key = `${method} ${status}`;
    let requests = this.#requests.get(key);
    if (requests === undefined) {
      requests = { method, status, count: 0 };
      this.#requests.set(key, requests);
    }
    requests.count += 1;
    let durations = this.#durations.get(method);
    if (durations === undefined) {
      durations = { counts: BUCKETS.map(() => 0), count: 0, sum: 0 };
      this.#durations.set(method, durations);
    }
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) durations.counts[bucket]! += 1;
    durations.count += 1;
    durations.sum += seconds;
  }

  /** All of it in Prometheus' text format 0.0.4. */
  text(): string {
    const requests = [...this.#requests.values()].map(
      ({ method, status, count }) => `http_requests_total{method="${method}",status="${status}"} ${count}`,
    );
    const durations = [...this.#durations].flatMap(([method, { counts, count, sum }]) => {
      const name = 'http_request_duration_seconds';
      let within = 0;
      const buckets = BUCKETS.map((bound, index) => {
        within += counts[index]!;
        return `${name}_bucket{le="${bound}",method="${method}"} ${within}`;
      });
      return [
        ...buckets,
        `${name}_bucket{le="+Inf",method="${method}"} ${count}`,
        `${name}_sum{method="${method}"} ${sum}`,
        `${name}_count{method="${method}"} ${count}`,
      ];
    });
    return [
      ...described('http_requests_total', 'counter', 'Requests answered', requests),
      ...described(
        'http_request_duration_seconds',
        'histogram',
        'Time until the answer of a request began',
        durations,
      ),
      ...described('process_resident_memory_bytes', 'gauge', 'Resident memory of the process', [
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ]),
      ...described('process_start_time_seconds', 'gauge', 'When the process began, seconds since 1970', [
        `process_start_time_seconds ${this.#startedAt}`,
      ]),
      '',
    ].join('\n');
  }
}

function described(name: string, type: string, help: string, lines: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}
