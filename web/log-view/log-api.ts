import { get, type Result } from '../api/client.ts';
import { splitBytes } from './line-splitter.ts';
import type { Section } from './sections.ts';

/** `…/trace/index`. */
export interface LogIndex {
  size: number;
  lines: number;
  ended: boolean;
  sections: Section[];
  times: [offset: number, at: number][];
}

/** `…/trace/search`. */
export interface Found {
  count: number;
  complete: boolean;
  matches: { line: number; column: number }[];
}

/** Some lines of a log. */
export interface FetchedLines {
  first: number;
  /** Lines of the whole log. */
  total: number;
  lines: { raw: string; offset: number }[];
  /** The offset behind the last of them. */
  end: number;
}

/** Bytes of one answer that are read: a line that is longer is shown only in part. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The log of one job at the API. */
export class LogApi {
  readonly #path: string;

  constructor(projectId: number, jobId: number) {
    this.#path = `/projects/${projectId}/jobs/${jobId}/trace`;
  }

  index(): Promise<Result<LogIndex>> {
    return get(`${this.#path}/index`);
  }

  search(query: Record<string, string | number | boolean>, signal: AbortSignal): Promise<Result<Found>> {
    return get(`${this.#path}/search`, { query, signal });
  }

  /** What follows an offset, as it comes. */
  stream(offset: number): EventSource {
    return new EventSource(`/api/v4${this.#path}/stream?offset=${offset}`);
  }

  /** Null when they cannot be had now. */
  async lines(first: number, limit: number, signal: AbortSignal): Promise<FetchedLines | null> {
    try {
      const response = await fetch(`/api/v4${this.#path}/lines?first=${first}&limit=${limit}`, { signal });
      if (!response.ok || response.body === null) return null;
      const header = (name: string) => Number(response.headers.get(`x-teaspoon-${name}`));
      const offset = header('offset');
      const bytes = await readUpTo(response.body, MAX_BYTES);
      return {
        first: header('first-line'),
        total: header('total-lines'),
        lines: splitBytes(bytes, offset),
        end: offset + bytes.length,
      };
    } catch {
      return null;
    }
  }
}

async function readUpTo(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < most) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  if (size >= most) void reader.cancel();
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
