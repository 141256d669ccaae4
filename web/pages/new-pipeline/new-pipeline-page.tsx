import './new-pipeline.css';
import { useEffect, useState } from 'preact/hooks';
import type { pipelineEntity } from '../../../src/api/entities/pipeline.ts';
import { type Problem, send } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import { go, type PageProps, query, setQuery } from '../../router.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { useQueryField } from '../../shell/field-state.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { ProblemNote } from '../../shell/problem.tsx';
import { projectAddress, projectApi, useProject } from '../../shell/project.tsx';
import { InputFields, type InputValues, valuesOf } from './input-fields.tsx';
import type { PipelineParameters } from './parameters.ts';
import { described, type GivenVariable, VariableFields } from './variable-fields.tsx';

/** Runs a pipeline by hand: on which ref, with which variables and inputs, as the configuration there offers them. */
export default function NewPipelinePage(_: PageProps) {
  const project = useProject();
  const [typed, type] = useQueryField('ref');
  const ref = query.value.get('ref') ?? project.default_branch ?? '';
  const { value: parameters, problem } = useReading<PipelineParameters>(
    ref === '' ? null : projectApi(project, '/pipeline/parameters'),
    { ref },
  );
  const [variables, setVariables] = useState<readonly GivenVariable[]>([]);
  const [inputs, setInputs] = useState<InputValues>({});
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  usePageTitle(['Run pipeline', project.path_with_namespace]);
  useBreadcrumbs([{ text: 'Run pipeline', address: projectAddress(project, 'pipelines/new') }]);
  useEffect(() => {
    if (parameters === undefined) return;
    setVariables(described(parameters));
    setInputs({});
  }, [parameters]);

  const run = async () => {
    setBusy(true);
    const given = variables.filter(({ key }) => key.trim() !== '');
    const result = await send<ReturnType<typeof pipelineEntity>>('POST', projectApi(project, '/pipeline'), {
      body: {
        ref,
        ...(parameters?.may_set_variables && given.length > 0
          ? {
              variables: given.map(({ key, value, variable_type }) => ({
                key: key.trim(),
                value,
                variable_type,
              })),
            }
          : {}),
        ...(Object.keys(inputs).length > 0 ? { inputs: valuesOf(parameters?.inputs ?? [], inputs) } : {}),
      },
    });
    setBusy(false);
    if (result.ok) go(projectAddress(project, `pipelines/${result.value.id}`));
    else setRefused(result.problem);
  };

  return (
    <form
      class="narrow new-pipeline"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <h1>Run pipeline</h1>
      <div class="field">
        <label for="ref">Branch or tag</label>
        <input
          id="ref"
          data-filter
          list="refs"
          autocomplete="off"
          value={query.value.has('ref') || typed !== '' ? typed : ref}
          onInput={(event) => type(event.currentTarget.value.trim())}
        />
        <Refs search={typed} />
      </div>
      {problem === null ? null : <ProblemNote problem={problem} />}
      {parameters?.errors.map((error) => (
        <p key={error} class="problem">
          <code>{error}</code>
        </p>
      ))}
      {parameters === undefined || parameters.inputs.length === 0 ? null : (
        <InputFields inputs={parameters.inputs} values={inputs} onChange={setInputs} />
      )}
      {parameters?.may_set_variables ? (
        <VariableFields variables={variables} onChange={setVariables} />
      ) : parameters === undefined ? null : (
        <p class="muted">Variables may not be given by your role in this project.</p>
      )}
      {refused === null ? null : <ProblemNote problem={refused} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={busy || parameters === undefined}>
          Run pipeline
        </button>
        <a class="button quiet" href={projectAddress(project, 'pipelines')}>
          Back
        </a>
        {query.value.has('ref') && project.default_branch ? (
          <button type="button" class="quiet" onClick={() => setQuery({ ref: null })}>
            Use {project.default_branch}
          </button>
        ) : null}
      </div>
    </form>
  );
}

/** Branches and tags to choose from, those that match what is typed. */
function Refs({ search }: { search: string }) {
  const project = useProject();
  const branches = useReading<{ name: string }[]>(projectApi(project, '/repository/branches'), {
    search,
    per_page: 50,
  });
  const tags = useReading<{ name: string }[]>(projectApi(project, '/repository/tags'), {
    search,
    per_page: 20,
  });
  return (
    <datalist id="refs">
      {branches.value?.map(({ name }) => (
        <option key={name} value={name} />
      ))}
      {tags.value?.map(({ name }) => (
        <option key={`tag ${name}`} value={name} label="tag" />
      ))}
    </datalist>
  );
}
