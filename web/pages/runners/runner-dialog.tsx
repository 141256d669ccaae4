import { useState } from 'preact/hooks';
import type { runnerDetails } from '../../../src/api/entities/runner-details.ts';
import { send } from '../../api/client.ts';
import { Commands } from '../../shell/commands.tsx';
import { Dialog } from '../../shell/dialog.tsx';
import { Check, FormView, TextField, useForm } from '../../shell/form.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import type { RunnerPlace } from './runners.tsx';

/** A new runner, with the command that registers it; or what an existing one takes. */
export function RunnerDialog({
  place,
  runner,
  onChange,
  onClose,
}: {
  place: RunnerPlace;
  runner: ReturnType<typeof runnerDetails> | null;
  onChange(): void;
  onClose(): void;
}) {
  const [token, setToken] = useState<string | null>(null);
  const form = useForm({
    description: runner?.description ?? '',
    tag_list: runner?.tag_list.join(', ') ?? '',
    run_untagged: runner?.run_untagged ?? true,
    protected_only: runner?.access_level === 'ref_protected',
    maximum_timeout: runner?.maximum_timeout ? String(Math.round(runner.maximum_timeout / 60)) : '',
  });
  if (token !== null) return <Registration token={token} onClose={onClose} />;
  const save = () =>
    form.send(
      ({ tag_list, protected_only, maximum_timeout, ...values }) =>
        send<{ token: string }>(
          runner === null ? 'POST' : 'PUT',
          runner === null ? '/user/runners' : `/runners/${runner.id}`,
          {
            body: {
              ...values,
              tag_list: tag_list
                .split(',')
                .map((tag) => tag.trim())
                .filter((tag) => tag !== ''),
              access_level: protected_only ? 'ref_protected' : 'not_protected',
              maximum_timeout: maximum_timeout === '' ? null : Number(maximum_timeout) * 60,
              ...(runner === null ? place : {}),
            },
          },
        ),
      (made) => {
        onChange();
        if (runner === null) return setToken(made.token);
        toastDone('The runner was saved.');
        onClose();
      },
    );
  return (
    <Dialog
      title={runner === null ? 'New runner' : `Edit ${runner.description || `runner ${runner.id}`}`}
      onClose={onClose}
    >
      <FormView
        form={form}
        submit={runner === null ? 'Make runner' : 'Save'}
        onSubmit={save}
        onCancel={onClose}
      >
        <TextField form={form} name="description" label="Description" hint="How you tell it from others." />
        <TextField
          form={form}
          name="tag_list"
          label="Tags"
          placeholder="linux, docker"
          hint="A job with tags: runs on runners that have all of them. Separated by commas."
        />
        <Check form={form} name="run_untagged" label="Takes jobs without tags" />
        <Check
          form={form}
          name="protected_only"
          label="Protected branches and tags only"
          hint="For runners that hold secrets of deployments."
        />
        <TextField
          form={form}
          name="maximum_timeout"
          label="Longest job, minutes"
          type="number"
          hint="At least 10. Empty: as the project says."
        />
      </FormView>
    </Dialog>
  );
}

/** The token is shown once, inside of the commands that need it. */
function Registration({ token, onClose }: { token: string; onClose(): void }) {
  return (
    <Dialog title="Register it" onClose={onClose}>
      <p>
        On the machine that is to run the jobs, with <code>gitlab-runner</code> installed. The token is not
        shown again.
      </p>
      <Commands
        lines={[
          `gitlab-runner register --non-interactive --url ${location.origin} --token ${token} --executor shell`,
          'gitlab-runner run',
        ]}
      />
      <p class="muted">
        <code>--executor docker --docker-image alpine</code> runs each job in a container instead.
      </p>
      <footer>
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}
