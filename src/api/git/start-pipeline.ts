import type { ConfigMessage } from '../../config/compiled.ts';
import { type CreateDeps, type CreateResult, createPipeline } from '../../pipeline/create.ts';
import type { PipelineStart, StartPipeline } from './after-push.ts';

/** Messages of one kind that a push shows; the rest are on the pipeline's page. */
const MAX_MESSAGES = 10;

/** Makes the pipeline of a pushed branch or tag, and says on the push what came of it. */
export function pipelineStarter(deps: CreateDeps): StartPipeline {
  return async (start) => {
    const { event, project, user, baseUrl, now, settled } = start;
    const request = {
      project,
      user,
      source: 'push',
      ref: event.ref,
      sha: event.newSha,
      beforeSha: event.oldSha,
      serverUrl: baseUrl,
      pushOptions: event.options,
      saveOnErrors: true,
      settle: settled,
    } as const;
    const result = await createPipeline(deps, request, now);
    if (result.kind === 'refused' || result.kind === 'dry_run') await deps.db.transaction(settled);
    return linesOf(result, start);
  };
}

/** What the user of a push reads after `remote: `. */
function linesOf(result: CreateResult, start: PipelineStart): string[] {
  const file = start.project.ciConfigPath || '.gitlab-ci.yml';
  const name = start.event.ref.replace(/^refs\/(heads|tags)\//, '');
  switch (result.kind) {
    case 'created':
      return framed(`Pipeline for ${name}:`, [
        `  ${urlOf(result.pipelineId, start)}`,
        ...messageLines(result.warnings, file),
      ]);
    case 'skipped':
      return framed(`Pipeline for ${name} skipped, as asked:`, [`  ${urlOf(result.pipelineId, start)}`]);
    case 'failed':
      return framed(`The pipeline for ${name} failed before it began:`, [
        ...messageLines(result.messages, file),
        `  ${urlOf(result.pipelineId, start)}`,
      ]);
    case 'refused':
      return result.reason === 'missing_config'
        ? framed(`No pipeline for ${name}: there is no ${file}.`, [])
        : framed(`No pipeline for ${name}:`, messageLines(result.messages, file));
    case 'dry_run':
      return [];
  }
}

function framed(head: string, lines: string[]): string[] {
  return ['', head, ...lines, ''];
}

function urlOf(pipelineId: number, { baseUrl, project }: PipelineStart): string {
  return `${baseUrl}/${project.fullPath}/-/pipelines/${pipelineId}`;
}

/** Each message where its place is known as `file:line:column: text`, so that editors find it. */
function messageLines(messages: readonly ConfigMessage[], file: string): string[] {
  const lines = messages.slice(0, MAX_MESSAGES).map(({ severity, message, position }) => {
    const place =
      position === undefined ? '' : `${position.file ?? file}:${position.line}:${position.column}: `;
    return `  ${place}${severity === 'warning' ? 'warning: ' : ''}${message.replaceAll('\n', ' ')}`;
  });
  const more = messages.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}
