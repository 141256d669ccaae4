import { toText } from '../yaml/inspect.ts';
import type { YamlScalar, YamlValue } from '../yaml-value.ts';
import { readBridge } from './bridge.ts';
import { DEPRECATED_KEYS } from './default.ts';
import type { Draft } from './draft.ts';
import type { Entry } from './entry.ts';
import { readJob } from './job.ts';
import type { JobContext } from './processable.ts';
import { isBlank } from './value.ts';

const GLOBAL_KEYS: ReadonlySet<YamlScalar> = new Set([...DEPRECATED_KEYS, 'include', 'variables', 'stages']);
/** Global keywords whose name a job may have all the same. */
const SHARED_NAMES: ReadonlySet<YamlScalar> = new Set(['default', 'workflow']);

/** Whether a top-level key is a job (a hidden one too), and not a keyword (ci-yaml 6). */
export function isJobName(name: YamlScalar, value: YamlValue): boolean {
  if (SHARED_NAMES.has(name)) return value instanceof Map && value.has('script');
  return !GLOBAL_KEYS.has(name);
}

type Kind = 'hidden' | 'job' | 'bridge';

function kindOf(name: YamlScalar, value: YamlValue): Kind | null {
  if (typeof name === 'string' && name.startsWith('.')) return 'hidden';
  if (!(value instanceof Map)) return null;
  if (value.has('script') || value.has('run')) return 'job';
  return value.has('trigger') || value.has('needs') ? 'bridge' : null;
}

/** All jobs of the root, in file order, hidden ones checked and left out. */
export function readJobs(root: Entry, context: JobContext): Draft[] {
  const jobs = root.under('jobs');
  const named =
    root.value instanceof Map ? [...root.value].filter(([name, value]) => isJobName(name, value)) : [];
  checkKinds(jobs, named);
  if (!jobs.sound) return [];
  return named.flatMap(([name, value]): Draft[] => {
    const entry = jobs.child(name, toText(name) || 'job');
    switch (kindOf(name, value)) {
      case 'job':
        return [readJob(entry, name, context)];
      case 'bridge':
        return [readBridge(entry, name, context)];
      default:
        if (isBlank(value)) entry.error('config', "can't be blank");
        return [];
    }
  });
}

function checkKinds(jobs: Entry, named: [YamlScalar, YamlValue][]): void {
  for (const [name, value] of named) {
    if (kindOf(name, value) !== null) continue;
    const shown = displayName(toText(name)).toLowerCase();
    const message = 'config should implement the script:, run:, or trigger: keyword';
    jobs.errorAsWritten(`jobs ${shown} ${message}`, toText(name));
  }
  const visible = named.some(([name, value]) => !['hidden', null].includes(kindOf(name, value)));
  if (!visible) jobs.error('config', 'should contain at least one visible job');
}

/** Names made only of letters and spaces show their spaces as `_` (ci-yaml 6). */
function displayName(name: string): string {
  return /^[a-z ]+$/i.test(name) ? name.replaceAll(' ', '_') : name;
}
