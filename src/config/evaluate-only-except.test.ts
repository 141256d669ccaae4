import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse as parseYaml } from 'yaml';
import type { RefPolicy } from './compiled.ts';
import { evaluateOnlyExcept, type PolicyFacts } from './evaluate-only-except.ts';

interface Table {
  pipelines: Record<string, Pick<PolicyFacts, 'ref' | 'kind' | 'source'>>;
  changed: string[];
  variables: Record<string, string>;
  cases: { only: Partial<RefPolicy> | null; except?: Partial<RefPolicy>; in: string[] }[];
}
const table = parseYaml(
  readFileSync(new URL('../../test/conformance/ci-yaml/only-except.yml', import.meta.url), 'utf8'),
) as Table;

const variables = new Map(Object.entries(table.variables));
const noKeys: RefPolicy = { refs: null, variables: null, changes: null, kubernetes: null };
const files: PolicyFacts['files'] = {
  changedPaths: async () => ({ ok: true, value: table.changed }),
};

describe('only and except choose the pipelines of ci-yaml 10.4', () => {
  for (const { only, except, in: expected } of table.cases) {
    it(JSON.stringify({ only, except }), async () => {
      const policy = {
        only: only && { ...noKeys, ...only },
        except: except === undefined ? null : { ...noKeys, ...except },
      };
      const included: string[] = [];
      for (const [name, pipeline] of Object.entries(table.pipelines)) {
        const facts = {
          ...pipeline,
          projectPath: 'group/app',
          variables,
          expanded: () => variables,
          files,
        };
        if (await evaluateOnlyExcept(policy, facts)) included.push(name);
      }
      assert.deepEqual(included.sort(), [...expected].sort());
    });
  }
});
