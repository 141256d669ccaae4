import { expandText } from '../../config/expand-variables.ts';
import { type Creation, refuse, type Step } from './creation.ts';
import { PipelineScopes } from './scope.ts';

const EDGE_STAGES = new Set(['.pre', '.post']);
const MAX_NAME_LENGTH = 255;

/** A pipeline has a job in a stage of its own (ci-yaml 6.1, 21). */
export const populate: Step = async ({ jobs }) => {
  if (jobs.some(({ config }) => !EDGE_STAGES.has(config.stage))) return null;
  return refuse(
    'filtered_by_rules',
    'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
  );
};

/** `workflow:name`, expanded; a blank one is none (ci-yaml 6.2). */
export const name: Step = async (creation) => {
  creation.name = await expandedName(creation);
  return null;
};

async function expandedName(creation: Creation): Promise<string | null> {
  const text = creation.config!.workflow.name;
  if (text === null) return null;
  const secrets = await creation.secretsFor(null);
  const scope = new PipelineScopes(creation).forWorkflow(creation.rootVariables, secrets);
  const expanded = expandText(text, scope.expanded(), 'blank').trim();
  return expanded === '' ? null : expanded.slice(0, MAX_NAME_LENGTH);
}

/** Ends before anything is stored, for lint. */
export const dryRun: Step = async ({ request, config, jobs, name }) =>
  request.dryRun ? { kind: 'dry_run', config: config!, jobs, name } : null;
