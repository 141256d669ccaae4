import type { variableEntity } from '../../../src/api/entities/variable.ts';
import { CopyButton } from '../../shell/copy-button.tsx';
import { Pills } from '../../shell/pills.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Table } from '../../shell/table.tsx';
import './variables.css';

export type Variable = ReturnType<typeof variableEntity>;

/** Variables, each with what it is for whom. */
export function VariableTable({
  variables,
  shown,
  scoped,
  onEdit,
  onRemove,
}: {
  variables: readonly Variable[];
  shown: boolean;
  scoped: boolean;
  onEdit(variable: Variable): void;
  onRemove(variable: Variable): void;
}) {
  return (
    <Table
      columns={[
        'Key',
        'Value',
        ['Properties', 'wide-only'],
        ...(scoped ? [['Environments', 'wide-only'] as const] : []),
      ]}
      actions
    >
      {variables.map((variable) => (
        <tr key={`${variable.key} ${variable.environment_scope}`}>
          <td>
            <code>{variable.key}</code>
            {variable.description ? <p class="muted small">{variable.description}</p> : null}
          </td>
          <td class="variable-value">
            <Value value={variable.value} shown={shown} />
          </td>
          <td class="wide-only">
            <Pills texts={propertiesOf(variable)} />
          </td>
          {scoped ? (
            <td class="wide-only mono">
              {variable.environment_scope === '*' ? 'all' : variable.environment_scope}
            </td>
          ) : null}
          <td class="end">
            <div class="actions">
              <button
                type="button"
                class="small"
                data-row
                aria-label={`Edit ${nameOf(variable)}`}
                onClick={() => onEdit(variable)}
              >
                Edit
              </button>
              <RemoveButton label={`Delete ${nameOf(variable)}`} onClick={() => onRemove(variable)} />
            </div>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** A value out of sight until the reader wants it; a hidden one never comes from the server. */
function Value({ value, shown }: { value: string | null; shown: boolean }) {
  if (value === null) return <span class="muted">hidden for good</span>;
  return (
    <>
      <code class="clip">{shown ? value : '•••••'}</code>
      <CopyButton text={value} label="Copy value" />
    </>
  );
}

/** One key may stand for different environments. */
function nameOf({ key, environment_scope: scope }: Variable): string {
  return scope === undefined || scope === '*' ? key : `${key} of ${scope}`;
}

function propertiesOf(variable: Variable): string[] {
  return [
    ...(variable.variable_type === 'file' ? ['file'] : []),
    ...(variable.protected ? ['protected'] : []),
    ...(variable.hidden ? ['hidden'] : variable.masked ? ['masked'] : []),
    ...(variable.raw ? ['not expanded'] : []),
  ];
}
