import { send } from '../../api/client.ts';
import { Check, FormView, TextField, useForm } from '../../shell/form.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import type { Hook } from './hooks-page.tsx';

/** A webhook: where, and of what. `path` is of all hooks for a new one, of this one otherwise. */
export function HookForm({
  hook,
  path,
  onDone,
  onCancel,
}: {
  hook: Hook | null;
  path: string;
  onDone(): void;
  onCancel?: () => void;
}) {
  const form = useForm({
    url: hook?.url ?? '',
    name: hook?.name ?? '',
    token: '',
    push_events: hook?.push_events ?? false,
    tag_push_events: hook?.tag_push_events ?? false,
    job_events: hook?.job_events ?? false,
    pipeline_events: hook?.pipeline_events ?? true,
    enable_ssl_verification: hook?.enable_ssl_verification ?? true,
    push_events_branch_filter: hook?.push_events_branch_filter ?? '',
  });
  const save = () =>
    form.send(
      ({ token, name, ...values }) =>
        send(hook === null ? 'POST' : 'PUT', path, {
          body: { ...values, name: name || null, ...(token === '' ? {} : { token }) },
        }),
      () => {
        toastDone('The webhook was saved.');
        onDone();
      },
    );
  return (
    <FormView
      form={form}
      submit={hook === null ? 'Make webhook' : 'Save'}
      onSubmit={save}
      onCancel={onCancel}
    >
      <TextField
        form={form}
        name="url"
        label="Address"
        type="url"
        mono
        placeholder="https://chat.example.com/hooks/ci"
      />
      <div class="fields">
        <TextField form={form} name="name" label="Name" />
        <TextField
          form={form}
          name="token"
          label="Secret"
          type="password"
          autocomplete="new-password"
          hint={
            hook === null
              ? 'Sent as X-Gitlab-Token, so that the other side knows you.'
              : 'Empty: as it is. Sent as X-Gitlab-Token.'
          }
        />
      </div>
      <fieldset>
        <legend>Is told of</legend>
        <Check
          form={form}
          name="pipeline_events"
          label="Pipelines"
          hint="Each change of a pipeline's status."
        />
        <Check form={form} name="job_events" label="Jobs" hint="Each change of a job's status." />
        <Check form={form} name="push_events" label="Pushes" />
        <Check form={form} name="tag_push_events" label="Tags" />
      </fieldset>
      {form.values.push_events ? (
        <TextField
          form={form}
          name="push_events_branch_filter"
          label="Only pushes to these branches"
          mono
          placeholder="release/*"
          hint="A name or a pattern. Empty: all."
        />
      ) : null}
      <Check form={form} name="enable_ssl_verification" label="Check its certificate" />
    </FormView>
  );
}
