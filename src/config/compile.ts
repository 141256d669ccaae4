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
 * 3. `entry/configuration.ts`: every keyword checked, jobs multiplied, then checked against each other
 * 4. `yaml/print.ts`: the tree as text, when somebody asks for it
 */
export async function compile(text: string, options: CompileOptions): Promise<CompileResult> {
  const resolved = await resolve(text, options);
  if (!resolved.ok) return { ...resolved, warnings: [], mergedYaml: null };
  const root = withEdgeStages(resolved.root);
  const compiled = compileEntries(root);
  const { includes } = resolved;
  const result = compiled.ok
    ? { ...compiled, config: { ...compiled.config, includes } }
    : { ...compiled, includes };
  return Object.defineProperty(
    result,
    'mergedYaml',
    lazily(() => printYaml(root)),
  ) as CompileResult;
}

/** A property that is worked out when somebody reads it: making a pipeline does not, lint does. */
function lazily(work: () => string): PropertyDescriptor {
  let text: string | undefined;
  return {
    enumerable: true,
    get() {
      text ??= work();
      return text;
    },
  };
}
