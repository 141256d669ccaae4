import './given.css';
import { Icon } from '../../shell/icon.tsx';
import type { PipelineParameters } from './parameters.ts';

export interface GivenVariable {
  /** Tells the rows apart while they are edited. */
  row: number;
  key: string;
  value: string;
  variable_type: 'env_var' | 'file';
  /** What the configuration says of it; null for one that the reader adds. */
  description: string | null;
  options: readonly string[] | null;
}

let rows = 0;

/** What the configuration describes, filled in with its values. */
export function described({ variables }: PipelineParameters): GivenVariable[] {
  return variables.map((variable) => ({ row: ++rows, variable_type: 'env_var', ...variable }));
}

interface FieldsProps {
  variables: readonly GivenVariable[];
  onChange(variables: readonly GivenVariable[]): void;
}

/** Variables of this one run: those that the configuration describes, and any others. */
export function VariableFields({ variables, onChange }: FieldsProps) {
  const change = (row: number, changes: Partial<GivenVariable>) =>
    onChange(variables.map((variable) => (variable.row === row ? { ...variable, ...changes } : variable)));
  const add = () =>
    onChange([
      ...variables,
      { row: ++rows, key: '', value: '', variable_type: 'env_var', description: null, options: null },
    ]);
  return (
    <fieldset class="given">
      <legend>Variables</legend>
      {variables.map((variable) => (
        <div key={variable.row} class="given-row">
          {variable.description === null ? (
            <input
              class="mono"
              aria-label="Name of the variable"
              placeholder="NAME"
              value={variable.key}
              onInput={(event) => change(variable.row, { key: event.currentTarget.value })}
            />
          ) : (
            <span class="field">
              <code>{variable.key}</code>
              <span class="hint">{variable.description}</span>
            </span>
          )}
          <Value variable={variable} onChange={(value) => change(variable.row, { value })} />
          <button
            type="button"
            class="quiet icon-only"
            aria-label={`Remove ${variable.key === '' ? 'the variable' : variable.key}`}
            onClick={() => onChange(variables.filter(({ row }) => row !== variable.row))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
      <button type="button" class="quiet" onClick={add}>
        <Icon name="plus" />
        Add variable
      </button>
    </fieldset>
  );
}

function Value({ variable, onChange }: { variable: GivenVariable; onChange(value: string): void }) {
  const label = `Value of ${variable.key === '' ? 'the variable' : variable.key}`;
  if (variable.options !== null) {
    return (
      <select
        aria-label={label}
        value={variable.value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {variable.options.map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  return (
    <textarea
      class="mono"
      rows={variable.value.includes('\n') ? 4 : 1}
      aria-label={label}
      placeholder="value"
      value={variable.value}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}
