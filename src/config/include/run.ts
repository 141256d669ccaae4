import type { IncludedFile, Position } from '../compiled.ts';
import { INCLUDE_TIMEOUT, INCLUDES_TOO_BIG, tooManyIncludes } from '../errors.ts';
import { expandText } from '../expand-variables.ts';
import type { ConfigFiles, FileResult } from '../files.ts';
import { maskText } from '../mask-text.ts';
import { type Outcome, refuse } from '../refusal.ts';
import type { Budget } from '../yaml/limits.ts';
import { type ParsedFile, parseFile } from '../yaml/parse.ts';
import { Deadline } from './deadline.ts';

/** Files that one configuration may include, repetitions counted (ci-yaml 4). */
export const MAX_INCLUDES = 150;
const MAX_TOTAL_BYTES = 314_572_800;
const MAX_MILLISECONDS = 30_000;

export interface IncludeOptions {
  files: ConfigFiles;
  variables: ReadonlyMap<string, string>;
  masked: ReadonlySet<string>;
  maxIncludes: number;
  budget: Budget;
}

/** What one compilation's includes share: where files come from, and the limits over all of them. */
export class IncludeRun {
  readonly files: ConfigFiles;
  readonly variables: ReadonlyMap<string, string>;
  readonly masked: ReadonlySet<string>;
  readonly budget: Budget;
  readonly included: IncludedFile[] = [];
  readonly #secrets: string[];
  readonly #maxIncludes: number;
  readonly #deadline = new Deadline(MAX_MILLISECONDS);
  readonly #parsed = new Map<string, Map<string, Outcome<ParsedFile>>>();
  #count = 0;
  #bytes = 0;

  constructor(options: IncludeOptions) {
    this.files = options.files;
    this.variables = options.variables;
    this.masked = options.masked;
    this.budget = options.budget;
    this.#maxIncludes = options.maxIncludes;
    this.#secrets = [...options.masked].map((name) => options.variables.get(name) ?? '').filter(Boolean);
  }

  /** `text` with variables put in; what is unknown becomes nothing (ci-yaml 4, 13.2). */
  expand(text: string): string {
    return expandText(text, this.variables, 'blank');
  }

  /** `text` fit to be shown: without the values of masked variables. */
  mask(text: string): string {
    return maskText(text, this.#secrets);
  }

  /** Counts one more file, read or not. */
  count(): void {
    this.#count += 1;
    if (this.#count > this.#maxIncludes) refuse(tooManyIncludes(this.#maxIncludes));
  }

  /** `parseFile`, once for each file however often it is included: one that includes itself costs one reading. */
  parse(text: string, name: string): Outcome<ParsedFile> {
    const byName = this.#parsed.get(text) ?? new Map<string, Outcome<ParsedFile>>();
    const parsed = byName.get(name) ?? parseFile(text, name);
    this.#parsed.set(text, byName.set(name, parsed));
    return parsed;
  }

  /** Pays for the text of a file. */
  read(text: string): void {
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > MAX_TOTAL_BYTES) refuse(INCLUDES_TOO_BIG);
  }

  /** Waits for outside work, no longer than all of a compilation may take. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const done = await this.#deadline.within(work);
    return done === null ? refuse(INCLUDE_TIMEOUT) : done.value;
  }

  /** `wait` for work that may be refused with the text that the user sees. */
  async expect<T>(work: Promise<FileResult<T>>, position?: Position): Promise<T> {
    const result = await this.wait(work);
    return result.ok ? result.value : refuse(this.mask(result.message), position);
  }
}
