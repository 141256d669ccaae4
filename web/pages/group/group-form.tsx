import { send } from '../../api/client.ts';
import { Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import type { Group } from '../../shell/group-frame.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { VISIBILITIES } from '../../visibility.ts';

/** A new group, or what can be changed of one. */
export function GroupForm({ group, onDone }: { group: Group | null; onDone(fullPath: string): void }) {
  const form = useForm({
    name: group?.name ?? '',
    path: group?.full_path.split('/').at(-1) ?? '',
    description: group?.description ?? '',
    visibility: group?.visibility ?? 'private',
  });
  const save = () =>
    form.send(
      (body) =>
        send<Group>(group === null ? 'POST' : 'PUT', group === null ? '/groups' : `/groups/${group.id}`, {
          body,
        }),
      (saved) => {
        toastDone(`${saved.name} was saved.`);
        onDone(saved.full_path);
      },
    );
  return (
    <FormView form={form} submit={group === null ? 'Make group' : 'Save'} onSubmit={save}>
      <TextField form={form} name="name" label="Name" />
      <TextField
        form={form}
        name="path"
        label="Path"
        mono
        hint="The end of its address, and of its projects'."
      />
      <TextField form={form} name="description" label="Description" />
      <Choice form={form} name="visibility" label="Who sees it" options={VISIBILITIES} />
    </FormView>
  );
}
