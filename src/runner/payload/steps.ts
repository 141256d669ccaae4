import type { BuildDefinition } from '../../pipeline/job-definition.ts';
import type { JobPayload, JobStep } from '../protocol.ts';
import { releaseCommand } from './release.ts';

/** `steps`, or `run` in their place (runner-api 3). `timeoutSeconds` is the job's. */
export function stepsOf(
  definition: BuildDefinition,
  timeoutSeconds: number,
): Pick<JobPayload, 'steps' | 'run'> {
  if (definition.run !== null) return { run: JSON.stringify(definition.run) };
  const step = (name: JobStep['name'], script: string[]): JobStep => ({
    name,
    script,
    timeout: timeoutSeconds,
    when: name === 'after_script' ? 'always' : 'on_success',
    allow_failure: name === 'after_script',
  });
  const { beforeScript, script, afterScript, release } = definition;
  return {
    steps: [
      step('script', [...beforeScript, ...script]),
      ...(release === null ? [] : [step('release', [releaseCommand(release)])]),
      ...(afterScript.length === 0 ? [] : [step('after_script', afterScript)]),
    ],
  };
}

/** Scripts around the fetching of sources; absent ones are left out. */
export function hooksOf({ hooks }: BuildDefinition): JobPayload['hooks'] {
  const all: JobPayload['hooks'] = [
    { name: 'pre_get_sources_script', script: hooks.preGetSourcesScript },
    { name: 'post_get_sources_script', script: hooks.postGetSourcesScript },
  ];
  return all.filter(({ script }) => script.length > 0);
}
