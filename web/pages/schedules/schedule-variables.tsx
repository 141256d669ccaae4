import { segment, send } from '../../api/client.ts';
import { act } from '../../shell/act.ts';
import { Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { RemoveButton } from '../../shell/remove-button.tsx';
import { Table } from '../../shell/table.tsx';
import { toastDone } from '../../shell/toasts.tsx';

interface Variable {
  key: string;
  value: string;
  variable_type: string;
}

/** Variables that a schedule gives to its pipelines. */
export function ScheduleVariables({
  path,
  variables,
  onChange,
}: {
  path: string;
  variables: readonly Variable[];
  onChange(): void;
}) {
  const empty = { key: '', value: '', variable_type: 'env_var' };
  const form = useForm(empty);
  const add = () =>
    form.send(
      (body) => send('POST', path, { body }),
      () => {
        toastDone(`${form.values.key} was added.`);
        form.set(empty);
        onChange();
      },
    );
  const remove = async (key: string) => {
    if (await act('DELETE', `${path}/${segment(key)}`, { done: `${key} was removed.` })) onChange();
  };
  return (
    <>
      {variables.length === 0 ? null : (
        <Table>
          {variables.map(({ key, value, variable_type: type }) => (
            <tr key={key}>
              <td class="mono">{key}</td>
              <td class="mono">{value}</td>
              <td>{type === 'file' ? <span class="pill">file</span> : null}</td>
              <td class="end">
                <RemoveButton label={`Remove ${key}`} onClick={() => remove(key)} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      <FormView form={form} submit="Add variable" onSubmit={add}>
        <div class="fields">
          <TextField form={form} name="key" label="Key" mono />
          <TextField form={form} name="value" label="Value" mono />
          <Choice
            form={form}
            name="variable_type"
            label="Type"
            options={[
              ['env_var', 'Variable'],
              ['file', 'File'],
            ]}
          />
        </div>
      </FormView>
    </>
  );
}
