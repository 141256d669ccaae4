import type { pipelineListDetails, pipelineListItem } from '../../src/api/entities/pipeline.ts';

/** A pipeline in a list, with what lists show of it (`with_details`). */
export type ListedPipeline = ReturnType<typeof pipelineListItem> & ReturnType<typeof pipelineListDetails>;

/** The status that people are shown: a success with forgiven failures is a warning. */
export function shownPipelineStatus({ status, warnings }: { status: string; warnings: boolean }): string {
  return status === 'success' && warnings ? 'warning' : status;
}

/** What started a pipeline, in words, in the order people ask for them. */
export const SOURCES: readonly (readonly [source: string, words: string])[] = [
  ['push', 'Push'],
  ['web', 'Web page'],
  ['api', 'API'],
  ['schedule', 'Schedule'],
  ['trigger', 'Trigger token'],
  ['pipeline', 'Other project'],
  ['parent_pipeline', 'Parent pipeline'],
];

export function sourceWords(source: string): string {
  return SOURCES.find(([known]) => known === source)?.[1] ?? source;
}
