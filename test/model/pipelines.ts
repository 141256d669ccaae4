import fc from 'fast-check';
import type { CaseJob, CasePipeline } from '../conformance/pipeline-processing/cases.ts';

const STAGES = ['.pre', 'build', 'test', 'deploy'];

interface Draft {
  stage: number;
  when: CaseJob['when'];
  allowFailure: boolean;
  group: string | null;
  /** null: a stage job; otherwise whether it needs the first, second … of the jobs before it. */
  needs: boolean[] | null;
}

const draft = (withGroups: boolean): fc.Arbitrary<Draft> =>
  fc.record({
    stage: fc.nat(STAGES.length - 1),
    when: fc.constantFrom<CaseJob['when']>(
      'on_success',
      'on_success',
      'on_success',
      'on_failure',
      'always',
      'manual',
      'delayed',
    ),
    allowFailure: fc.boolean(),
    group: withGroups ? fc.constantFrom(null, null, null, 'site') : fc.constant(null),
    needs: fc.option(fc.array(fc.boolean(), { maxLength: 9 }), { nil: null }),
  });

/** Pipelines of up to ten jobs: stages and needs mixed, also within a stage. */
export function anyPipeline({ groups = true } = {}): fc.Arbitrary<CasePipeline> {
  return fc
    .tuple(fc.array(draft(groups), { minLength: 1, maxLength: 10 }), fc.boolean(), fc.boolean())
    .map(([drafts, cancels, rarely]) => assemble(drafts, cancels && rarely));
}

function assemble(drafts: readonly Draft[], cancelOnJobFailure: boolean): CasePipeline {
  const sorted = [...drafts].sort((a, b) => a.stage - b.stage);
  const jobs = sorted.map(
    ({ stage, when, allowFailure, group, needs }, index): CaseJob => ({
      name: `job ${index}`,
      stage: STAGES[stage]!,
      stageIndex: stage,
      when,
      allowFailure,
      schedulingType: needs === null ? 'stage' : 'dag',
      needs: (needs ?? []).flatMap((wanted, other) => (wanted && other < index ? [`job ${other}`] : [])),
      resourceGroup: group,
      startInSeconds: 60,
    }),
  );
  const stages = STAGES.map((name, index) => ({ name, index })).filter(({ index }) =>
    jobs.some((job) => job.stageIndex === index),
  );
  return { jobs, stages, cancelOnJobFailure };
}
