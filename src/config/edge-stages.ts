import { copyPositions } from './positions.ts';
import type { YamlMap, YamlValue } from './yaml-value.ts';

const FIRST = '.pre';
const LAST = '.post';

/** `root` with a given list of `stages`, unless it is empty, between `.pre` and `.post`, wherever those were put (ci-yaml 6.1). */
export function withEdgeStages(root: YamlMap): YamlMap {
  const stages = root.get('stages');
  if (!Array.isArray(stages) || stages.length === 0) return root;
  const inner = (stages as YamlValue[]).filter((stage) => stage !== FIRST && stage !== LAST);
  const wrapped = new Map(root).set('stages', [FIRST, ...inner, LAST]);
  copyPositions(root, wrapped);
  return wrapped;
}
