import type { Rule, When } from '../compiled.ts';
import { parseDuration } from '../duration.ts';
import { parseExpression } from '../expression/parse.ts';
import type { YamlValue } from '../yaml-value.ts';
import { readAutoCancel } from './auto-cancel.ts';
import { readChanges } from './changes.ts';
import { aBoolean, aDuration, aHash, allowed, must, present, withinLimit } from './check.ts';
import type { Entry } from './entry.ts';
import { readExists } from './exists.ts';
import { allowKeys, checkAttributes, checkConfig, forbidKeys, type Readers, readChildren } from './keys.ts';
import { readNeeds } from './needs.ts';
import { flag, text } from './value.ts';
import { readScalarVariables } from './variables.ts';

/** Which rules these are; the two differ in keys and in what `when` may be (ci-yaml 6.2, 10.2). */
export type RuleKind = 'job' | 'workflow';

const JOB_KEYS = [
  ...['if', 'changes', 'exists', 'when', 'start_in', 'allow_failure', 'variables', 'needs'],
  'interruptible',
];
const KEYS: Record<RuleKind, string[]> = { job: JOB_KEYS, workflow: [...JOB_KEYS, 'auto_cancel'] };
const WHEN: Record<RuleKind, When[]> = {
  job: ['on_success', 'on_failure', 'always', 'never', 'manual', 'delayed'],
  workflow: ['always', 'never'],
};

const WEEK_SECONDS = 7 * 86_400;
/** The longest `start_in`. */
export const withinAWeek = withinLimit((seconds) => seconds <= WEEK_SECONDS);

const isExpression = (value: YamlValue): boolean => typeof value === 'string' && parseExpression(value).ok;
/** An expression of `rules:if` or `only:variables`; the evaluator never meets an invalid one. */
export const anExpression = must(isExpression, 'invalid expression syntax');

const CHILDREN: Readers<Rule> = new Map<string, (entry: Entry) => Partial<Rule>>([
  ['changes', (entry) => ({ changes: readChanges(entry) })],
  ['exists', (entry) => ({ exists: readExists(entry) })],
  ['variables', (entry) => ({ variables: readScalarVariables(entry) })],
  ['needs', (entry) => ({ needs: readNeeds(entry, 'rule').needs })],
  ['auto_cancel', (entry) => ({ autoCancel: readAutoCancel(entry) })],
]);

/** One entry of `rules`. */
export function readRule(entry: Entry, kind: RuleKind): Rule {
  checkRule(entry, kind);
  const rule: Rule = {
    if: text(entry.get('if')),
    changes: null,
    exists: null,
    when: text(entry.get('when')) as When | null,
    startInSeconds: parseDuration(text(entry.get('start_in')) ?? ''),
    allowFailure: flag(entry.get('allow_failure')),
    variables: null,
    needs: null,
    interruptible: flag(entry.get('interruptible')),
    autoCancel: null,
  };
  return entry.sound ? readChildren(entry, CHILDREN, rule) : rule;
}

function checkRule(entry: Entry, kind: RuleKind): void {
  if (!checkConfig(entry, present) || !checkConfig(entry, aHash)) return;
  allowKeys(entry, KEYS[kind]);
  checkAttributes(entry, {
    if: anExpression,
    when: allowed(WHEN[kind]),
    allow_failure: aBoolean,
    interruptible: aBoolean,
  });
  if (entry.get('when') !== 'delayed') forbidKeys(entry, ['start_in']);
  else if (entry.get('start_in') === null) entry.error('start_in', "can't be blank");
  else checkStartIn(entry);
}

/** `start_in` of a delayed job or rule: a duration of at most a week; both texts when it is none (ci-yaml 1.1). */
export function checkStartIn(entry: Entry): void {
  for (const check of [aDuration, withinAWeek]) {
    const message = check(entry.get('start_in'));
    if (message !== null) entry.error('start_in', message);
  }
}
