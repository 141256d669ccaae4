import type { CompiledConfig } from '../compiled.ts';
import { readAutoCancel } from './auto-cancel.ts';
import { aHash, aString, atMost, firstOf } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig, type Readers, readChildren } from './keys.ts';
import { readRules } from './rules.ts';
import { text } from './value.ts';

type Workflow = CompiledConfig['workflow'];

const NAME_LENGTH = 255;

/** The workflow of a configuration that has none. */
export function noWorkflow(): Workflow {
  return { name: null, rules: null, autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' } };
}

const CHILDREN: Readers<Workflow> = new Map<string, (entry: Entry) => Partial<Workflow>>([
  ['rules', (entry) => ({ rules: readRules(entry, 'workflow') })],
  ['auto_cancel', (entry) => ({ autoCancel: { ...noWorkflow().autoCancel, ...readAutoCancel(entry) } })],
]);

/** `workflow` (ci-yaml 6.2). */
export function readWorkflow(entry: Entry): Workflow {
  const workflow = noWorkflow();
  if (!checkConfig(entry, aHash)) return workflow;
  allowKeys(entry, ['name', 'rules', 'auto_cancel']);
  checkAttributes(entry, { name: firstOf(aString, atMost(NAME_LENGTH)) });
  workflow.name = text(entry.get('name'));
  return entry.sound ? readChildren(entry, CHILDREN, workflow) : workflow;
}
