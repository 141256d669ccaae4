import type { CompileResult } from './compiled.ts';
import { withEdgeStages } from './edge-stages.ts';
import { compileEntries } from './entry/configuration.ts';
import { type CompileOptions, resolve } from './resolve.ts';
import { printYaml } from './yaml/print.ts';

export type { CompileOptions } from './resolve.ts';

/**
 * Compiles the text of a `.gitlab-ci.yml`. Never throws on any text; throws only what `options.files` throws.
 * The phases, in the order of ci-yaml 1:
 *
 * 1. `resolve.ts`: one tree from text and files
 *    - `yaml/parse.ts`: text to values, within limits; the header document split off
 *    - `spec/`: inputs checked, `$[[ ]]` filled in
 *    - `include/`: files found, filtered by rules, each treated like the root, merged under it
 *    - `extends.ts`, then `reference.ts`
 * 2. `edge-stages.ts`: `.pre` and `.post` round the given stages
 * 3. `yaml/print.ts`: the tree as text, for lint and for who reads what the includes came to
 * 4. `entry/configuration.ts`: every keyword checked, jobs multiplied, then checked against each other
 */
export async function compile(text: string, options: CompileOptions): Promise<CompileResult> {
  const resolved = await resolve(text, options);
  if (!resolved.ok) return { ...resolved, warnings: [], mergedYaml: null };
  const root = withEdgeStages(resolved.root);
  const mergedYaml = printYaml(root);
  const { includes } = resolved;
  const compiled = compileEntries(root);
  if (!compiled.ok) return { ...compiled, includes, mergedYaml };
  return { ok: true, config: { ...compiled.config, includes }, mergedYaml };
}
