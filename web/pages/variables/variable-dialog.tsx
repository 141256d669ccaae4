import { send } from '../../api/client.ts';
import { Dialog } from '../../shell/dialog.tsx';
import { Check, Choice, FormView, TextArea, TextField, useForm } from '../../shell/form.tsx';
import type { Variable } from './variable-table.tsx';

/** How much of a value may be seen. */
const VISIBILITIES = [
  ['visible', 'Visible: here and in logs'],
  ['masked', 'Masked: logs show [MASKED]'],
  ['hidden', 'Masked and hidden: nobody sees it again, here neither'],
] as const;

/** The form for a new variable, or for one that is there; `path` is where it is sent. */
export function VariableDialog({
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
      <FormView form={form} submit={isNew ? 'Add variable' : 'Save'} onSubmit={save} onCancel={onClose}>
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
