import type { ConfigMessage } from '../../config/compiled.ts';
import { type CreateResult, type Creation, type FailureReason, refuse } from './creation.ts';
import { savePipeline } from './save.ts';

/**
 * An end that a push, a schedule or a trigger keeps as a failed pipeline, and that others only answer (ci-yaml 21).
 * `messages` tells more than `text`, which becomes `yaml_errors`.
 */
export async function fail(
  creation: Creation,
  reason: FailureReason,
  text: string,
  messages: ConfigMessage[] = [{ severity: 'error', message: text }],
): Promise<CreateResult> {
  const { request } = creation;
  if (!request.saveOnErrors || request.dryRun) return refuse(reason, text, messages);
  const { pipelineId, iid } = await savePipeline(creation, {
    status: 'failed',
    failureReason: reason,
    yamlErrors: reason === 'config_error' ? text : null,
  });
  const warnings = creation.config?.warnings ?? [];
  return { kind: 'failed', pipelineId, iid, reason, messages, warnings };
}
