import type { ConfigMessage, IncludedFile } from './compiled.ts';
import { INPUTS_NOT_HASH, NO_CONTENT, TOO_MANY_INPUTS } from './errors.ts';
import { resolveExtends } from './extends.ts';
import type { ConfigFiles, FileContext } from './files.ts';
import { expandIncludes, readSharedInputs } from './include/expand.ts';
import { fillInputs } from './include/load.ts';
import { IncludeRun, MAX_INCLUDES } from './include/run.ts';
import { MAX_MERGED_KEYS } from './merge.ts';
import { resolveReferences } from './reference.ts';
import { attemptAsync, refuse, take } from './refusal.ts';
import { readHeader } from './spec/header.ts';
import { fromJson } from './spec/values.ts';
import { Budget, MAX_DEPTH, MAX_RESOLVED_BYTES, Measure } from './yaml/limits.ts';
import { parseFile } from './yaml/parse.ts';
import type { YamlMap } from './yaml-value.ts';

/** What a configuration is compiled with. */
export interface CompileOptions {
  files: ConfigFiles;
  /** The tree that the root file stands in. */
  context: FileContext;
  /** Name of the root file; `.gitlab-ci.yml` when not given. */
  path?: string;
  /** Visible to include and its rules, and to `expand_vars` (ci-yaml 4). */
  variables: ReadonlyMap<string, string>;
  /** Names among `variables` whose values are masked: never shown in errors or `includes[]`. */
  masked?: ReadonlySet<string>;
  /** Values for the root file's `spec:inputs`, JSON data. */
  inputs?: Readonly<Record<string, unknown>>;
  /** Files that may be included, 150 when not given (instance setting `ci_max_includes`). */
  maxIncludes?: number;
}

/** The configuration as one tree without include, with extends and `!reference` resolved. */
export type ResolveResult =
  | { ok: true; root: YamlMap; includes: IncludedFile[] }
  | { ok: false; errors: ConfigMessage[]; includes: IncludedFile[] };

const MAX_INPUTS = 20;

/** From text to the resolved tree: the first half of `compile` (ci-yaml 1, steps 1 to 5). Stops at the first error. */
export async function resolve(text: string, options: CompileOptions): Promise<ResolveResult> {
  const run = new IncludeRun({
    files: options.files,
    variables: options.variables,
    masked: options.masked ?? new Set(),
    maxIncludes: options.maxIncludes ?? MAX_INCLUDES,
    budget: new Budget(MAX_MERGED_KEYS),
  });
  const outcome = await attemptAsync(async () => {
    const content = await readRoot(text, options, run);
    const expanded = await expandIncludes(content, options.context, run);
    const extended = resolveExtends(expanded, run.budget);
    const root = resolveReferences(extended);
    new Measure(MAX_RESOLVED_BYTES, MAX_DEPTH).bytes(root);
    return root;
  });
  const includes = run.included;
  if (!outcome.ok) return { ok: false, errors: [outcome.error], includes };
  return { ok: true, root: outcome.value, includes };
}

async function readRoot(text: string, options: CompileOptions, run: IncludeRun): Promise<YamlMap> {
  if (text.trim() === '') refuse(NO_CONTENT);
  const parsed = take(parseFile(text, options.path ?? '.gitlab-ci.yml'));
  const header = parsed.header === null ? null : readHeader(parsed.header);
  const sharedInputs = await readSharedInputs(header?.include ?? null, options.context, run);
  const file = { header, content: parsed.content, sharedInputs, component: null };
  return take(fillInputs(file, givenInputs(options), run));
}

function givenInputs({ inputs = {} }: CompileOptions): YamlMap {
  const given = fromJson(inputs);
  if (!(given instanceof Map)) refuse(INPUTS_NOT_HASH);
  if (given.size > MAX_INPUTS) refuse(TOO_MANY_INPUTS);
  return given;
}
