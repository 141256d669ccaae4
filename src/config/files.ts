/**
 * What the compiler needs from outside: reading files. It declares the interface; `pipeline/create` fulfils it
 * with git, `teaspoon lint` with a working tree, tests with a map. Contract: ci-yaml.md 4.
 */

/** Where a configuration file came from, so that its own local includes resolve beside it. */
export interface FileContext {
  /** Full path of the project, e.g. `group/app`. */
  project: string;
  /** Commit, 40 hex; null for a working tree. */
  sha: string | null;
}

/** A refusal is a value: the text is the one the user sees (ci-yaml.md 4). */
export type FileResult<T> = { ok: true; value: T } | { ok: false; message: string };

/** A file's page, and its bare content. */
export interface FileUrls {
  blob: string;
  raw: string;
}

export interface ConfigFiles {
  /** Content of `path` (no leading slash) in the context's tree; null when there is none. */
  readLocal(context: FileContext, path: string): Promise<string | null>;
  /** Every path of the context's tree, files only; for wildcards and `rules:exists`. */
  listPaths(context: FileContext): Promise<string[]>;
  /**
   * Where another project stands at `ref` (null: HEAD), as far as the pipeline's user may read it.
   * Its refusals are the three texts of ci-yaml.md 4 (`Project ... not found or access denied! ...`, `... reference ...`).
   */
  openProject(path: string, ref: string | null): Promise<FileResult<FileContext>>;
  /** Body of a public http(s) URL; guarded against private addresses by whoever implements it (security.md NET). */
  readRemote(url: string): Promise<FileResult<string>>;
  /** A bundled template by name; null when unknown. */
  readTemplate(name: string): Promise<string | null>;
  /** A component `host/path/name@version`: its content and where it lives. */
  readComponent(address: string): Promise<
    FileResult<{
      content: string;
      path: string;
      context: FileContext;
      name: string;
      version: string;
      sha: string;
    }>
  >;
  /** A file of a job's artifacts, for `trigger:include:artifact`; absent where no child pipeline is being made. */
  readArtifact?(job: string, artifact: string): Promise<FileResult<string>>;
  /** Files changed by the pipeline's push; null when there is nothing to compare with (`changes` is then true). */
  changedPaths(compareTo: string | null): Promise<FileResult<string[] | null>>;
  /** Page and raw URLs for `includes[]`; null offline. */
  urls(context: FileContext, path: string): FileUrls | null | Promise<FileUrls | null>;
}
