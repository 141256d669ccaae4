import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JobVariable } from '../../project/variable.ts';
import { inPrecedence, type VariableGroups, VariableScope } from './precedence.ts';
import { isTrusted, publicVariable } from './variable.ts';
import { layYamlVariables } from './yaml.ts';

const variable = (key: string, value: string): JobVariable => ({
  key,
  value,
  public: false,
  masked: false,
  file: false,
  raw: false,
});

/** Low to high (ci-yaml 13.1). */
const ORDER: (keyof VariableGroups)[] = [
  'predefined',
  'yaml',
  'user',
  'secrets',
  'given',
  'manual',
  'environment',
];

describe('precedence of variables (ci-yaml 13.1)', () => {
  for (const [at, low] of ORDER.entries()) {
    for (const high of ORDER.slice(at + 1)) {
      it(`${high} wins over ${low}`, () => {
        const groups = { predefined: [], [low]: [variable('X', low)], [high]: [variable('X', high)] };
        assert.equal(new VariableScope(inPrecedence(groups)).variables.get('X'), high);
      });
    }
  }
  it('dotenv wins over YAML and loses to secrets, and to everything the server sets', () => {
    const value = (groups: Partial<VariableGroups>) =>
      new VariableScope(
        inPrecedence({ predefined: [], ...groups, dotenv: [variable('X', 'dotenv')] }),
      ).variables.get('X');
    assert.equal(value({ yaml: [variable('X', 'yaml')] }), 'dotenv');
    assert.equal(value({ secrets: [variable('X', 'secret')] }), 'secret');
    assert.equal(value({ predefined: [variable('X', 'predefined')] }), 'predefined');
    assert.equal(value({ user: [variable('X', 'user')] }), 'user');
  });
  it('any choice of groups: the highest that has the key decides', () => {
    fc.assert(
      fc.property(fc.subarray(ORDER, { minLength: 1 }), (chosen) => {
        const groups = Object.fromEntries(chosen.map((group) => [group, [variable('X', group)]]));
        const list = inPrecedence({ predefined: [], ...groups });
        assert.equal(
          new VariableScope(list).variables.get('X'),
          ORDER.findLast((group) => chosen.includes(group)),
        );
      }),
    );
  });
  it('trusted variables cannot be given, at creation or at play (security VAR-7)', () => {
    const trusted = ['CI_JOB_TOKEN', 'CI_JOB_ID', 'CI_PROJECT_ID', 'CI_REGISTRY_PASSWORD', 'CI_SERVER_URL'];
    for (const key of trusted) {
      assert.ok(isTrusted(key), key);
      const groups = {
        predefined: [variable(key, 'true one')],
        given: [variable(key, 'x')],
        manual: [variable(key, 'y')],
      };
      assert.equal(new VariableScope(inPrecedence(groups)).variables.get(key), 'true one');
    }
    assert.equal(isTrusted('CI_JOB_NAME'), false);
    assert.equal(isTrusted('MY_CI_JOB_ID'), false);
  });
});

describe('YAML variables (ci-yaml 5.3)', () => {
  const root = { A: { value: 'root', raw: false }, B: { value: 'root', raw: true } };
  const own = { B: { value: 'job', raw: false }, C: { value: 'job', raw: false } };
  const laid = (inherit: boolean | string[]) =>
    Object.fromEntries(layYamlVariables(root, own, inherit).map(({ key, value }) => [key, value]));
  it('of the job lie over those it inherits', () => {
    assert.deepEqual(laid(true), { A: 'root', B: 'job', C: 'job' });
    assert.deepEqual(laid(false), { B: 'job', C: 'job' });
    assert.deepEqual(laid(['B']), { B: 'job', C: 'job' });
    assert.deepEqual(laid(['A']), { A: 'root', B: 'job', C: 'job' });
  });
});

describe('scopes', () => {
  it('give values as they stand, and expanded with each other', () => {
    const scope = new VariableScope([variable('A', '$B/x'), variable('B', 'b')]);
    assert.equal(scope.variables.get('A'), '$B/x');
    assert.equal(scope.expanded().get('A'), 'b/x');
  });
  it('a commit message that looks like a reference is text', () => {
    const scope = new VariableScope([
      publicVariable(['CI_COMMIT_MESSAGE', 'costs $SECRET']),
      variable('SECRET', 's'),
    ]);
    assert.equal(scope.expanded().get('CI_COMMIT_MESSAGE'), 'costs $SECRET');
  });
  it('a circle leaves values as they stand', () => {
    const scope = new VariableScope([variable('A', '$B'), variable('B', '$A')]);
    assert.equal(scope.expanded().get('A'), '$B');
  });
});
