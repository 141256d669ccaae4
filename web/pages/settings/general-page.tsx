import { send } from '../../api/client.ts';
import { useRefNames } from '../../api/refs.ts';
import { go, type PageProps } from '../../router.ts';
import { act, actIfSure } from '../../shell/act.ts';
import { Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { type Project, projectApi, useProject } from '../../shell/project.tsx';
import { levelOf } from '../../shell/project-navigation.tsx';
import { Section } from '../../shell/section.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { VISIBILITIES } from '../../visibility.ts';
import { SettingsFrame } from './settings-frame.tsx';

const OWNER = 50;

/** A project's name, who sees it, and what cannot be taken back. */
export default function GeneralSettingsPage(_: PageProps) {
  const project = useProject();
  const isOwner = levelOf(project) >= OWNER;
  return (
    <SettingsFrame title="General">
      <NameForm isOwner={isOwner} />
      {isOwner ? (
        <Section
          title="Archive or delete"
          lead="An archived project can be read and runs nothing. A deleted one is gone with its pipelines, logs and artifacts once the days for second thoughts are over."
        >
          <Endings project={project} />
        </Section>
      ) : null}
    </SettingsFrame>
  );
}

function NameForm({ isOwner }: { isOwner: boolean }) {
  const project = useProject();
  const branches = useRefNames(project, 'branches');
  const form = useForm({
    name: project.name,
    path: project.path_with_namespace.split('/').at(-1) ?? '',
    description: project.description ?? '',
    default_branch: project.default_branch ?? '',
    visibility: project.visibility,
  });
  const save = () =>
    form.send(
      ({ visibility, default_branch, ...values }) =>
        send<Project>('PUT', projectApi(project, ''), {
          body: {
            ...values,
            ...(default_branch === '' ? {} : { default_branch }),
            ...(isOwner ? { visibility } : {}),
          },
        }),
      (saved) => {
        toastDone('The project was saved.');
        if (saved.path_with_namespace !== project.path_with_namespace) {
          go(`/${saved.path_with_namespace}/edit`, { replace: true });
        }
      },
    );
  return (
    <FormView form={form} submit="Save" onSubmit={save}>
      <div class="fields">
        <TextField form={form} name="name" label="Name" />
        <TextField
          form={form}
          name="path"
          label="Path"
          mono
          hint="The end of its address. Remotes with the old one go on working until another project takes it."
        />
      </div>
      <TextField form={form} name="description" label="Description" />
      <div class="fields">
        <TextField form={form} name="default_branch" label="Default branch" mono choices={branches} />
        {isOwner ? <Choice form={form} name="visibility" label="Who sees it" options={VISIBILITIES} /> : null}
      </div>
    </FormView>
  );
}

function Endings({ project }: { project: Project }) {
  const name = project.path_with_namespace;
  const archive = async () => {
    const verb = project.archived ? 'unarchive' : 'archive';
    const done = project.archived ? `${name} runs pipelines again.` : `${name} was archived.`;
    if (await act('POST', projectApi(project, `/${verb}`), { done })) location.reload();
  };
  const remove = async () => {
    const question = {
      title: `Delete ${name}?`,
      text: 'Its repository, pipelines, logs, artifacts and variables are deleted with it.',
      action: 'Delete project',
    };
    if (await actIfSure(question, 'DELETE', projectApi(project, ''), { done: `${name} is being deleted.` }))
      go('/');
  };
  return (
    <p class="actions">
      <button type="button" onClick={archive}>
        {project.archived ? 'Unarchive' : 'Archive'}
      </button>
      <button type="button" class="danger" onClick={remove}>
        Delete project
      </button>
    </p>
  );
}
