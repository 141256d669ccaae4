import { segment, send } from '../../api/client.ts';
import { setQuery } from '../../router.ts';
import { FormView, TextField, useForm } from '../../shell/form.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { toastDone } from '../../shell/toasts.tsx';

/** Commits the text to its branch or to a new one. */
export function CommitForm({
  branch,
  file,
  text,
  commit,
  disabled,
  valid,
  onCommitted,
}: {
  branch: string;
  file: string;
  text: string;
  commit: string | null;
  disabled: boolean;
  valid: boolean;
  onCommitted(): void;
}) {
  const project = useProject();
  const form = useForm({
    commit_message: `${commit === null ? 'Add' : 'Update'} ${file}`,
    branch,
  });
  const save = () =>
    form.send(
      ({ commit_message, branch: target }) =>
        send(commit === null ? 'POST' : 'PUT', projectApi(project, `/repository/files/${segment(file)}`), {
          body: {
            branch: target,
            ...(target === branch || commit === null ? {} : { start_branch: branch }),
            ...(commit === null ? {} : { last_commit_id: commit }),
            commit_message,
            content: text,
          },
        }),
      () => {
        toastDone(`${file} was committed to ${form.values.branch}.`);
        if (form.values.branch === branch) onCommitted();
        else setQuery({ branch_name: form.values.branch });
      },
    );
  return (
    <FormView
      form={form}
      submit="Commit"
      disabled={disabled}
      onSubmit={save}
      beside={
        disabled ? (
          <span class="muted">Nothing has changed yet.</span>
        ) : valid ? null : (
          <span class="pill tone-warn">no pipeline would start</span>
        )
      }
    >
      <div class="fields">
        <TextField form={form} name="commit_message" label="Commit message" />
        <TextField form={form} name="branch" label="Branch" mono hint="A new name makes a new branch." />
      </div>
    </FormView>
  );
}
