import { expandVariables } from '../../config/expand-variables.ts';
import type { JobVariable } from '../../project/variable.ts';
import { isTrusted } from './variable.ts';

/** The variables of a job by where they come from; absent groups are empty. Each from low to high precedence. */
export interface VariableGroups {
  /** What the server knows, ids and tokens included. */
  predefined: readonly JobVariable[];
  /** Root, workflow rule, job and rule variables, already one for each key. */
  yaml?: readonly JobVariable[];
  user?: readonly JobVariable[];
  dotenv?: readonly JobVariable[];
  /** Instance, groups, project. */
  secrets?: readonly JobVariable[];
  /** Given with the pipeline: API, trigger, push option, schedule, upstream. */
  given?: readonly JobVariable[];
  /** Given when a manual job was played. */
  manual?: readonly JobVariable[];
  environment?: readonly JobVariable[];
}

/**
 * All variables in the order of ci-yaml 13.1, later ones win. What was given by hand never replaces a trusted variable
 * (security VAR-7), and a dotenv report none that the server sets (security VAR-9).
 */
export function inPrecedence(groups: VariableGroups): JobVariable[] {
  const { predefined, yaml = [], user = [], dotenv = [], secrets = [], given = [], manual = [] } = groups;
  const known = dotenv.length === 0 ? null : new Set([...predefined, ...user].map(({ key }) => key));
  return [
    ...predefined,
    ...yaml,
    ...user,
    ...dotenv.filter(({ key }) => !known?.has(key)),
    ...secrets,
    ...given.filter(({ key }) => !isTrusted(key)),
    ...manual.filter(({ key }) => !isTrusted(key)),
    ...(groups.environment ?? []),
  ];
}

/** Variables as rules and expansion ask for them, made when first asked. */
export class VariableScope {
  readonly list: readonly JobVariable[];
  #plain: Map<string, string> | null = null;
  #expanded: Map<string, string> | null = null;

  /** `list` from low to high precedence. */
  constructor(list: readonly JobVariable[]) {
    this.list = list;
  }

  /** Values as they stand, for `rules:if`. */
  get variables(): ReadonlyMap<string, string> {
    this.#plain ??= mapOf(this.list);
    return this.#plain;
  }

  /** Values expanded with each other; as they stand where they refer to each other in a circle. */
  readonly expanded = (): ReadonlyMap<string, string> => {
    if (this.#expanded === null) {
      const result = expandVariables(this.list, 'server');
      this.#expanded = mapOf(result.ok ? result.variables : this.list);
    }
    return this.#expanded;
  };
}

function mapOf(list: readonly JobVariable[]): Map<string, string> {
  return new Map(list.map(({ key, value }) => [key, value]));
}
