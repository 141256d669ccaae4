import { refuse, type Step } from './creation.ts';
import { savePipeline } from './save.ts';

const SKIP = /\[(?:ci[ _-]skip|skip[ _-]ci)\]/i;

/** A push may ask for a pipeline without jobs, in its commit message or an option, or for none at all (ci-yaml 21). */
export const skip: Step = async (creation) => {
  const { request, options, commit } = creation;
  if (request.source !== 'push' || request.dryRun) return null;
  if (options.noPipeline) return refuse('not_wanted', 'The push asked for no pipeline');
  if (!options.skip && !SKIP.test(commit!.message)) return null;
  const saved = await savePipeline(creation, { status: 'skipped', failureReason: null, yamlErrors: null });
  return { kind: 'skipped', ...saved };
};

/** Finds the text of the configuration: given, in the repository, in another project, or at a URL. */
export const configContent: Step = async (creation) => {
  creation.content = await findContent(creation);
  return creation.content === null ? refuse('missing_config', 'Missing CI config file') : null;
};

const DEFAULT_PATH = '.gitlab-ci.yml';

async function findContent({
  request,
  settings,
  files,
  facts,
}: Parameters<Step>[0]): Promise<{ text: string; path: string } | null> {
  if (request.config !== undefined) return { text: request.config, path: DEFAULT_PATH };
  const path = request.project.ciConfigPath || settings.default_ci_config_path || DEFAULT_PATH;
  if (/^https?:\/\//.test(path)) return include({ remote: path });
  const elsewhere = /^(?<file>[^@]+)@(?<project>[^:]+)(?::(?<ref>.+))?$/.exec(path)?.groups;
  if (elsewhere !== undefined) {
    const { project, file, ref } = elsewhere;
    return include({ project, file, ...(ref === undefined ? {} : { ref }) });
  }
  const text = await files.readLocal({ project: request.project.fullPath, sha: facts.sha }, path);
  return text === null ? null : { text, path };
}

/** A configuration elsewhere is one that only includes it; JSON is YAML. */
function include(entry: object): { text: string; path: string } {
  return { text: JSON.stringify({ include: [entry] }), path: DEFAULT_PATH };
}
