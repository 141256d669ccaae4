import type { Environment } from '../../config/compiled.ts';

type Tier = NonNullable<Environment['deploymentTier']>;

/** Words in an environment's name that tell its tier, tried in this order (ci-yaml 11). */
const TIERS: readonly [RegExp, Tier][] = [
  [/dev|review|trunk/i, 'development'],
  [/test|tst|int|acc?ept|acpt|qa|qc|control|quality/i, 'testing'],
  [/stag|stg|model|modl|pre|demo|non/i, 'staging'],
  [/prod|prd|live/i, 'production'],
];

/** The tier of an environment: the given one, or a guess from its expanded name. */
export function tierOf(environment: Pick<Environment, 'deploymentTier'>, name: string): Tier {
  return environment.deploymentTier ?? TIERS.find(([words]) => words.test(name))?.[1] ?? 'other';
}
