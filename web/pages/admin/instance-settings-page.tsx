import { send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { Check, Choice, FormView, TextArea, TextField, useForm } from '../../shell/form.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Read } from '../../shell/reading.tsx';
import { toastDone } from '../../shell/toasts.tsx';
import { AdminFrame } from './admin-frame.tsx';

type Settings = Record<string, string | number | boolean | string[] | null>;

const VISIBILITIES = [
  ['private', 'Private'],
  ['internal', 'Internal'],
  ['public', 'Public'],
] as const;

/** What holds for the whole server. */
export default function InstanceSettingsPage(_: PageProps) {
  usePageTitle(['Settings']);
  return (
    <AdminFrame>
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      <SettingsReader />
    </AdminFrame>
  );
}

function SettingsReader() {
  const settings = useReading<Settings>('/application/settings');
  return <Read reading={settings}>{(value) => <SettingsForm settings={value} />}</Read>;
}

function SettingsForm({ settings }: { settings: Settings }) {
  const text = (name: string) => String(settings[name] ?? '');
  const flag = (name: string) => settings[name] === true;
  const hosts = settings.outbound_local_requests_whitelist;
  const form = useForm({
    max_artifacts_size: text('max_artifacts_size'),
    default_artifacts_expire_in: text('default_artifacts_expire_in'),
    default_branch_name: text('default_branch_name'),
    default_ci_config_path: text('default_ci_config_path'),
    default_project_visibility: text('default_project_visibility'),
    default_group_visibility: text('default_group_visibility'),
    default_projects_limit: text('default_projects_limit'),
    deletion_adjourned_period: text('deletion_adjourned_period'),
    ci_max_includes: text('ci_max_includes'),
    project_jobs_api_rate_limit: text('project_jobs_api_rate_limit'),
    pipeline_limit_per_project_user_sha: text('pipeline_limit_per_project_user_sha'),
    outbound_local_requests_whitelist: Array.isArray(hosts) ? hosts.join('\n') : '',
    allow_local_requests_from_web_hooks_and_services: flag(
      'allow_local_requests_from_web_hooks_and_services',
    ),
    allow_runner_registration_token: flag('allow_runner_registration_token'),
    require_personal_access_token_expiry: flag('require_personal_access_token_expiry'),
    shared_runners_enabled: flag('shared_runners_enabled'),
    can_create_group: flag('can_create_group'),
  });
  const save = () =>
    form.send(
      ({ outbound_local_requests_whitelist: list, default_ci_config_path: path, ...values }) =>
        send('PUT', '/application/settings', {
          body: {
            ...values,
            default_ci_config_path: path || null,
            outbound_local_requests_whitelist: list.split(/[\s,]+/).filter((host) => host !== ''),
          },
        }),
      () => toastDone('The settings were saved.'),
    );
  return (
    <FormView form={form} submit="Save" onSubmit={save}>
      <h2>Artifacts</h2>
      <div class="fields">
        <TextField form={form} name="max_artifacts_size" label="Largest archive, MiB" type="number" />
        <TextField
          form={form}
          name="default_artifacts_expire_in"
          label="Kept for"
          hint="Such as 30 days; 0 is for good. A job can say otherwise."
        />
      </div>
      <h2>New projects and groups</h2>
      <div class="fields">
        <TextField form={form} name="default_branch_name" label="Default branch" mono />
        <TextField
          form={form}
          name="default_ci_config_path"
          label="Configuration file"
          mono
          placeholder=".gitlab-ci.yml"
        />
        <Choice form={form} name="default_project_visibility" label="Projects" options={VISIBILITIES} />
        <Choice form={form} name="default_group_visibility" label="Groups" options={VISIBILITIES} />
        <TextField
          form={form}
          name="default_projects_limit"
          label="Projects of one's own"
          type="number"
          hint="For users made from now on."
        />
        <TextField
          form={form}
          name="deletion_adjourned_period"
          label="Days for second thoughts"
          type="number"
          hint="A deleted project can be had back so long."
        />
      </div>
      <Check form={form} name="can_create_group" label="New users may make groups" />
      <Check
        form={form}
        name="shared_runners_enabled"
        label="Runners of the server take jobs of new projects"
      />
      <h2>Limits</h2>
      <div class="fields">
        <TextField form={form} name="ci_max_includes" label="Includes of one configuration" type="number" />
        <TextField
          form={form}
          name="project_jobs_api_rate_limit"
          label="Job list calls a minute"
          type="number"
          hint="For each user; 0 is no limit."
        />
        <TextField
          form={form}
          name="pipeline_limit_per_project_user_sha"
          label="Pipelines a minute of one commit"
          type="number"
          hint="For each project and user; 0 is no limit."
        />
      </div>
      <h2>Safety</h2>
      <Check
        form={form}
        name="require_personal_access_token_expiry"
        label="Access tokens end after a year at most"
      />
      <Check
        form={form}
        name="allow_runner_registration_token"
        label="Runners may register with registration tokens"
        hint="The old way; with the new one a user makes the runner first."
      />
      <Check
        form={form}
        name="allow_local_requests_from_web_hooks_and_services"
        label="Webhooks and includes may reach this network"
        hint="Off: they reach the outside only, and what is listed here."
      />
      <TextArea
        form={form}
        name="outbound_local_requests_whitelist"
        label="Local addresses that may be reached"
        hint="Hosts, addresses or networks such as 10.1.0.0/16, one a line."
      />
    </FormView>
  );
}
