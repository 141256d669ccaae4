import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse as parseYaml } from 'yaml';
import type { Rule } from './compiled.ts';
import { applyRule, evaluateWorkflow, firstMatchingRule, type RuledAttributes } from './evaluate-rules.ts';
import type { ConfigFiles } from './files.ts';
import { anyChanged, anyExists } from './match-paths.ts';

type Partially<T> = { [K in keyof T]?: T[K] | undefined };
interface Table {
  changed: string[];
  comparable: Record<string, string[]>;
  tree: string[];
  projects: Record<string, string[]>;
  variables: Record<string, string>;
  cases: {
    name: string;
    job?: Partial<RuledAttributes>;
    rules: Partially<Rule>[];
    gives: 'absent' | string | Partial<RuledAttributes>;
  }[];
}
const table = parseYaml(
  readFileSync(new URL('../../test/conformance/ci-yaml/rules.yml', import.meta.url), 'utf8'),
) as Table;

const root = { project: 'group/app', sha: 'a'.repeat(40) };
const files: ConfigFiles = {
  readLocal: async () => null,
  listPaths: async ({ project }) => (project === root.project ? table.tree : table.projects[project]!),
  openProject: async (path, ref) => {
    if (!(path in table.projects))
      return { ok: false, message: `Project \`${path}\` not found or access denied!` };
    if (ref !== null)
      return { ok: false, message: `Project \`${path}\` reference \`${ref}\` does not exist!` };
    return { ok: true, value: { project: path, sha: 'b'.repeat(40) } };
  },
  readRemote: async () => ({ ok: false, message: '' }),
  readTemplate: async () => null,
  readComponent: async () => ({ ok: false, message: '' }),
  changedPaths: async (base) => {
    const paths = base === null ? table.changed : table.comparable[base];
    return paths === undefined
      ? { ok: false, message: 'rules:changes:compare_to is not a valid ref' }
      : { ok: true, value: paths };
  },
  urls: () => null,
};
const variables = new Map(Object.entries(table.variables));
const facts = { variables, expanded: () => variables, files, context: root };

function ruleOf({ changes, exists, ...given }: Partially<Rule>): Rule {
  return {
    if: null,
    when: null,
    startInSeconds: null,
    allowFailure: null,
    variables: null,
    needs: null,
    interruptible: null,
    autoCancel: null,
    ...given,
    changes: changes ? { ...{ compareTo: null }, ...changes } : null,
    exists: exists ? { ...{ project: null, ref: null }, ...exists } : null,
  } as Rule;
}
const plainJob: RuledAttributes = {
  when: 'on_success',
  startInSeconds: null,
  allowFailure: false,
  allowFailureExitCodes: [],
  variables: {},
  needs: null,
  interruptible: null,
};

describe('rules make of a job what ci-yaml 10.2 says', () => {
  for (const { name, job, rules, gives } of table.cases) {
    it(name, async () => {
      const given = { ...plainJob, ...job };
      const matched = await firstMatchingRule(rules.map(ruleOf), facts);
      const result = matched.ok ? (applyRule(given, matched.value) ?? 'absent') : matched.message;
      assert.deepEqual(result, typeof gives === 'string' ? gives : { ...given, ...gives });
    });
  }
});

describe('files to compare', () => {
  it('nothing to compare with counts as changed', async () => {
    const blind: ConfigFiles = { ...files, changedPaths: async () => ({ ok: true, value: null }) };
    const matched = await firstMatchingRule([ruleOf({ changes: { paths: ['x'], compareTo: null } })], {
      ...facts,
      files: blind,
    });
    assert.equal(matched.ok && matched.value !== null, true);
  });
  it('past 50,000 comparisons the answer is yes', () => {
    const paths = Array.from({ length: 25_001 }, (_, i) => `dir/${i}`);
    assert.equal(anyChanged(paths, ['none']), false);
    assert.equal(anyChanged(paths, ['none', 'nor/this']), true);
    assert.equal(anyExists(paths, ['none', 'nor/this']), false, 'exact names are no comparisons');
    assert.equal(anyExists(paths, ['x/*', 'y/*']), true);
    assert.equal(anyExists(paths, ['*.x', '*.y']), false, 'only the top level is compared');
  });
});

describe('workflow rules (ci-yaml 6.2)', () => {
  const autoCancel = { onNewCommit: 'conservative', onJobFailure: 'none' } as const;
  const outcome = (rules: Partially<Rule>[] | null) =>
    evaluateWorkflow({ rules: rules?.map(ruleOf) ?? null, autoCancel }, facts);
  it('without rules there is a pipeline', async () => {
    assert.deepEqual(await outcome(null), { ok: true, value: { run: true, variables: {}, autoCancel } });
  });
  it('a match without when runs, with its variables and auto_cancel over the workflow', async () => {
    assert.deepEqual(
      await outcome([
        { if: '$NO' },
        { if: '$YES', variables: { V: { value: 'v', raw: false } }, autoCancel: { onJobFailure: 'all' } },
      ]),
      {
        ok: true,
        value: {
          run: true,
          variables: { V: { value: 'v', raw: false } },
          autoCancel: { onNewCommit: 'conservative', onJobFailure: 'all' },
        },
      },
    );
  });
  it('no match, or never, means no pipeline', async () => {
    assert.deepEqual(await outcome([{ if: '$NO' }]), { ok: true, value: { run: false } });
    assert.deepEqual(await outcome([{ when: 'never' }, { when: 'always' }]), {
      ok: true,
      value: { run: false },
    });
  });
});
