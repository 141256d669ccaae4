import { useState } from 'preact/hooks';
import type { variableEntity } from '../../../src/api/entities/variable.ts';
import { segment, send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { actIfSure } from '../../shell/act.ts';
import { CopyButton } from '../../shell/copy-button.tsx';
import { Dialog } from '../../shell/dialog.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { Check, Choice, FormView, TextArea, TextField, useForm } from '../../shell/form.tsx';
import { Icon } from '../../shell/icon.tsx';
import { Read } from '../../shell/reading.tsx';
import { toastDone } from '../../shell/toasts.tsx';

import './variables.css';

type Variable = ReturnType<typeof variableEntity>;

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
      <Read reading={variables}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState title="No variables yet">
              <p>{TEACHES[whose]}</p>
              <p>
                A script reads one as <code>$KEY</code>. Keep passwords here and not in the repository: masked
                ones are hidden in logs, protected ones go to protected branches and tags only.
              </p>
            </EmptyState>
          ) : (
            <>
              <div class="filters">
                <input
                  type="search"
                  data-filter
                  placeholder="Filter by key"
                  aria-label="Filter by key"
                  value={filter}
                  onInput={({ currentTarget }) => setFilter(currentTarget.value)}
                />
              </div>
              <VariableTable
                variables={list.filter(({ key }) => key.toLowerCase().includes(filter.toLowerCase()))}
                shown={shown}
                scoped={whose !== 'instance'}
                onEdit={setEdited}
                onRemove={remove}
              />
            </>
          )
        }
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

function VariableTable({
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
    <div class="table-frame">
      <table class="stacks">
        <thead>
          <tr>
            <th>Key</th>
            <th>Value</th>
            <th class="wide-only">Properties</th>
            {scoped ? <th class="wide-only">Environments</th> : null}
            <th class="end">
              <span class="off-screen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
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
                <span class="facts">
                  {propertiesOf(variable).map((property) => (
                    <span key={property} class="pill">
                      {property}
                    </span>
                  ))}
                </span>
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
                  <button
                    type="button"
                    class="quiet small icon-only"
                    aria-label={`Delete ${nameOf(variable)}`}
                    onClick={() => onRemove(variable)}
                  >
                    <Icon name="trash" />
                  </button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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

/** How much of a value may be seen. */
const VISIBILITIES = [
  ['visible', 'Visible: here and in logs'],
  ['masked', 'Masked: logs show [MASKED]'],
  ['hidden', 'Masked and hidden: nobody sees it again, here neither'],
] as const;

function VariableDialog({
  path,
  variable,
  scoped,
  onClose,
  onDone,
}: {
  path: string;
  variable: Variable | null;
  scoped: boolean;
  onClose(): void;
  onDone(text: string): void;
}) {
  const form = useForm({
    key: variable?.key ?? '',
    value: variable?.value ?? '',
    description: variable?.description ?? '',
    variable_type: variable?.variable_type ?? 'env_var',
    visibility: variable?.hidden ? 'hidden' : variable?.masked ? 'masked' : 'visible',
    protected: variable?.protected ?? false,
    expanded: !(variable?.raw ?? false),
    environment_scope: variable?.environment_scope ?? '*',
  });
  const isNew = variable === null;
  const save = () =>
    form.send(
      ({ key, value, visibility, expanded, environment_scope, description, ...rest }) =>
        send(isNew ? 'POST' : 'PUT', path, {
          body: {
            ...rest,
            description: description || null,
            ...(isNew ? { key } : {}),
            // What nobody sees again stays as it is unless it is written anew.
            ...(variable?.hidden && value === '' ? {} : { value }),
            masked: visibility !== 'visible',
            ...(isNew && scoped && visibility === 'hidden' ? { masked_and_hidden: true } : {}),
            raw: !expanded,
            ...(scoped ? { environment_scope } : {}),
          },
        }),
      () => onDone(`${form.values.key} was ${isNew ? 'added' : 'saved'}.`),
    );
  const visibilities = VISIBILITIES.filter(
    ([value]) => value !== 'hidden' || (scoped && (isNew || variable.hidden === true)),
  );
  return (
    <Dialog title={isNew ? 'Add variable' : `Edit ${variable.key}`} onClose={onClose}>
      <FormView
        form={form}
        submit={isNew ? 'Add variable' : 'Save'}
        onSubmit={save}
        beside={
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        }
      >
        {isNew ? (
          <TextField
            form={form}
            name="key"
            label="Key"
            mono
            hint={
              <>
                Letters, digits and <code>_</code>. A script reads it as{' '}
                <code>${form.values.key || 'KEY'}</code>.
              </>
            }
          />
        ) : null}
        <TextArea
          form={form}
          name="value"
          label="Value"
          {...(variable?.hidden ? { hint: 'Leave it empty to keep the value.' } : {})}
        />
        <TextField form={form} name="description" label="Description" hint="For people: what it is for." />
        <div class="fields">
          <Choice
            form={form}
            name="variable_type"
            label="Type"
            options={[
              ['env_var', 'Variable'],
              ['file', 'File: the job gets the path of a file with this value'],
            ]}
          />
          <Choice
            form={form}
            name="visibility"
            label="Visibility"
            options={visibilities}
            hint="A masked value is one line of at least 8 characters."
          />
        </div>
        {scoped ? (
          <TextField
            form={form}
            name="environment_scope"
            label="Environments"
            mono
            hint={
              <>
                <code>*</code> is every job; <code>review/*</code> is jobs of environments with such a name.
              </>
            }
          />
        ) : null}
        <Check
          form={form}
          name="protected"
          label="Protected"
          hint="Only jobs of protected branches and tags get it."
        />
        <Check
          form={form}
          name="expanded"
          label="Expand references"
          hint={
            <>
              <code>$OTHER</code> inside of the value is replaced by that variable.
            </>
          }
        />
      </FormView>
    </Dialog>
  );
}
