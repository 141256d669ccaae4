import type { CompileResult } from '../compiled.ts';
import type { ConfigFiles } from '../files.ts';
import type { CompileOptions } from '../resolve.ts';

/** What is sent to the thread: work, or what a file it asked for holds. */
export type ToThread =
  | { kind: 'compile'; id: number; text: string; options: ThreadOptions }
  | { kind: 'file'; call: number; value: unknown }
  | { kind: 'no file'; call: number; error: unknown };

/** What the thread sends: a result, or a question for `ConfigFiles`. */
export type FromThread =
  | { kind: 'compiled'; id: number; result: CompileResult }
  | { kind: 'failed'; id: number; error: unknown }
  | { kind: 'call'; id: number; call: number; method: FilesMethod; args: unknown[] };

export type FilesMethod = keyof ConfigFiles;

/** Options without what cannot be copied. */
export type ThreadOptions = Omit<CompileOptions, 'files'> & {
  /** Whether the caller's files include those of artifacts. */
  readsArtifacts: boolean;
};
