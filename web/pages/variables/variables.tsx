import { useState } from 'preact/hooks';
import { segment } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { actIfSure } from '../../shell/act.ts';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Read } from '../../shell/reading.tsx';
import { SearchField } from '../../shell/search-field.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { VariableDialog } from './variable-dialog.tsx';
import { type Variable, VariableTable } from './variable-table.tsx';

/** CI/CD variables of a project, a group or the instance: the list, and the form for one. */
export function Variables({ path, whose }: { path: string; whose: 'project' | 'group' | 'instance' }) {
  const variables = useReading<Variable[]>(path, { per_page: 100 });
  const [edited, setEdited] = useState<Variable | 'new' | null>(null);
  const [shown, setShown] = useState(false);
  const [filter, setFilter] = useState('');
  const oneOf = (variable: Variable) => {
    const scope = variable.environment_scope;
    const query = scope === undefined ? '' : `?filter[environment_scope]=${segment(scope)}`;
    return `${path}/${segment(variable.key)}${query}`;
  };
  const remove = async (variable: Variable) => {
    const question = {
      title: `Delete ${variable.key}?`,
      text: 'Jobs that start from now on do not get it. Its value cannot be had back.',
      action: 'Delete',
    };
    if (await actIfSure(question, 'DELETE', oneOf(variable), { done: `${variable.key} was deleted.` }))
      variables.reload();
  };
  return (
    <>
      <div class="page-head">
        <h1>Variables</h1>
        <div class="actions">
          <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? 'Hide values' : 'Show values'}
          </button>
          <button type="button" class="primary" onClick={() => setEdited('new')}>
            <Icon name="plus" /> Add variable
          </button>
        </div>
      </div>
      <Read
        reading={variables}
        empty={
          <EmptyState title="No variables yet">
            <p>{TEACHES[whose]}</p>
            <p>
              A script reads one as <code>$KEY</code>. Keep passwords here and not in the repository: masked
              ones are hidden in logs, protected ones go to protected branches and tags only.
            </p>
          </EmptyState>
        }
      >
        {(list) => (
          <>
            <div class="filters">
              <SearchField label="Filter by key" value={filter} onInput={setFilter} />
            </div>
            <VariableTable
              variables={list.filter(({ key }) => key.toLowerCase().includes(filter.toLowerCase()))}
              shown={shown}
              scoped={whose !== 'instance'}
              onEdit={setEdited}
              onRemove={remove}
            />
          </>
        )}
      </Read>
      {edited === null ? null : (
        <VariableDialog
          path={edited === 'new' ? path : oneOf(edited)}
          variable={edited === 'new' ? null : edited}
          scoped={whose !== 'instance'}
          onClose={() => setEdited(null)}
          onDone={(text) => {
            setEdited(null);
            toastDone(text);
            variables.reload();
          }}
        />
      )}
    </>
  );
}

const TEACHES = {
  project: 'What every job of this project is given: tokens for deployments, addresses, switches.',
  group: 'What every job of every project in this group is given. A project can say otherwise.',
  instance: 'What every job on this server is given. Groups and projects can say otherwise.',
};
