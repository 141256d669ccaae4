import type { Variable, VariableLevel } from '../../project/variable.ts';

/** A CI/CD variable; a hidden one never shows its value, the instance's have no scope (rest-resources 5). */
export function variableEntity(variable: Variable, level: VariableLevel) {
  return {
    variable_type: variable.type,
    key: variable.key,
    value: variable.hidden ? null : variable.value,
    ...(level === 'instance' ? {} : { hidden: variable.hidden }),
    protected: variable.protected,
    masked: variable.masked,
    raw: variable.raw,
    ...(level === 'instance' ? {} : { environment_scope: variable.environmentScope }),
    description: variable.description,
  };
}
