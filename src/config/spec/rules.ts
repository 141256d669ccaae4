import { headerShouldBe } from '../errors.ts';
import { evaluateExpression } from '../expression/evaluate.ts';
import { refuse } from '../refusal.ts';
import { toText } from '../yaml/inspect.ts';
import type { YamlMap } from '../yaml-value.ts';
import type { InputRule } from './header.ts';

/** The first rule whose condition holds for the inputs known so far; undefined when none does (ci-yaml 3). */
export function chooseRule(rules: InputRule[], inputs: YamlMap): InputRule | undefined {
  return rules.find((rule) => rule.if === null || holds(rule.if, inputs));
}

/** Operands are `$[[ inputs.x ]]`; the expression language knows `$NAME`, so each is renamed to a made-up variable. */
function holds(condition: string, inputs: YamlMap): boolean {
  const variables = new Map<string, string>();
  const source = condition.replace(/\$\[\[\s*inputs\.([^\s\]]+)\s*\]\]/g, (_, name: string) => {
    const variable = `input_${variables.size}_${name.replace(/\W/g, '_')}`;
    const value = inputs.get(name) ?? null;
    variables.set(variable, value === null ? '' : toText(value));
    return `$${variable}`;
  });
  const result = evaluateExpression(source, variables);
  return result.ok
    ? result.value
    : refuse(headerShouldBe('header:spec:inputs rules if', 'a valid expression'));
}
