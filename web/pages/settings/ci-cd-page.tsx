import { send } from '../../api/client.ts';
import type { PageProps } from '../../router.ts';
import { Check, Choice, FormView, TextField, useForm } from '../../shell/form.tsx';
import { projectApi, useProject } from '../../shell/project.tsx';
import { Section } from '../../shell/section.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { JobTokenScope } from './job-token-scope.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import { Triggers } from './triggers.tsx';

/** How a project's pipelines run, and what may start them. */
export default function CiCdPage(_: PageProps) {
  return (
    <SettingsFrame title="CI/CD">
      <Section title="Pipelines">
        <PipelineSettings />
      </Section>
      <Section
        title="Job tokens"
        lead="Each job has a token that dies with it. Jobs of this project may always use it here; jobs of other projects only when they are listed."
      >
        <JobTokenScope />
      </Section>
      <Section
        title="Trigger tokens"
        lead="With one, another system starts pipelines here by one call, as the person who made the token."
      >
        <Triggers />
      </Section>
    </SettingsFrame>
  );
}

function PipelineSettings() {
  const project = useProject();
  const form = useForm({
    ci_config_path: project.ci_config_path ?? '',
    build_timeout: String(Math.round((project.build_timeout ?? 3600) / 60)),
    build_git_strategy: project.build_git_strategy ?? 'fetch',
    ci_default_git_depth: String(project.ci_default_git_depth ?? ''),
    public_jobs: project.public_jobs ?? true,
    auto_cancel: project.auto_cancel_pending_pipelines !== 'disabled',
    ci_forward_deployment_enabled: project.ci_forward_deployment_enabled ?? true,
    keep_latest_artifact: project.keep_latest_artifact ?? true,
    ci_separated_caches: project.ci_separated_caches ?? true,
    shared_runners_enabled: project.shared_runners_enabled ?? true,
    group_runners_enabled: project.group_runners_enabled ?? true,
    ci_pipeline_variables_minimum_override_role:
      project.ci_pipeline_variables_minimum_override_role ?? 'developer',
  });
  const save = () =>
    form.send(
      ({ auto_cancel, build_timeout, ci_default_git_depth: depth, ci_config_path: path, ...values }) =>
        send('PUT', projectApi(project, ''), {
          body: {
            ...values,
            ci_config_path: path || null,
            build_timeout: Number(build_timeout) * 60,
            ci_default_git_depth: depth === '' ? null : Number(depth),
            auto_cancel_pending_pipelines: auto_cancel ? 'enabled' : 'disabled',
          },
        }),
      () => toastDone('The settings were saved.'),
    );
  return (
    <FormView form={form} submit="Save" onSubmit={save}>
      <TextField
        form={form}
        name="ci_config_path"
        label="Configuration file"
        mono
        placeholder=".gitlab-ci.yml"
        hint="A path in the repository."
      />
      <div class="fields">
        <TextField
          form={form}
          name="build_timeout"
          label="Timeout, minutes"
          type="number"
          hint="A job that runs longer fails. A job can say less itself."
        />
        <TextField
          form={form}
          name="ci_default_git_depth"
          label="Git depth"
          type="number"
          hint="Commits that a job fetches; 0 or empty is all."
        />
        <Choice
          form={form}
          name="build_git_strategy"
          label="Git strategy"
          options={[
            ['fetch', 'Fetch: keep the working copy'],
            ['clone', 'Clone: begin anew'],
          ]}
        />
      </div>
      <Choice
        form={form}
        name="ci_pipeline_variables_minimum_override_role"
        label="Who gives variables to a pipeline"
        options={[
          ['developer', 'Developers'],
          ['maintainer', 'Maintainers'],
          ['owner', 'Owners'],
          ['no_one_allowed', 'Nobody'],
        ]}
      />
      <Check
        form={form}
        name="public_jobs"
        label="Pipelines are as visible as the project"
        hint="Off: logs and artifacts are for reporters and above."
      />
      <Check
        form={form}
        name="auto_cancel"
        label="A newer commit cancels older pipelines"
        hint="Of the same branch, and only jobs that have not started or are interruptible."
      />
      <Check form={form} name="ci_forward_deployment_enabled" label="No older deployment over a newer one" />
      <Check
        form={form}
        name="keep_latest_artifact"
        label="Keep artifacts of the newest successful pipelines"
      />
      <Check
        form={form}
        name="ci_separated_caches"
        label="Protected branches have caches of their own"
        hint="So that an unprotected branch cannot put something into theirs."
      />
      <Check form={form} name="shared_runners_enabled" label="Runners of the server take jobs" />
      <Check form={form} name="group_runners_enabled" label="Runners of its groups take jobs" />
    </FormView>
  );
}
