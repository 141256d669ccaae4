/** What may be said of a runner when it is made or changed, and what is wrong with it (runner-api 1, *Validation*). */
export interface RunnerAttributes {
  /** Said by a runner that registers itself. */
  name: string | null;
  description: string | null;
  maintenanceNote: string | null;
  paused: boolean;
  locked: boolean;
  accessLevel: 'not_protected' | 'ref_protected';
  runUntagged: boolean;
  tags: string[];
  /** Seconds. */
  maximumTimeoutSeconds: number | null;
}

/** A runner of which nothing is said: it takes every job that has no tags. */
export const UNSAID: RunnerAttributes = {
  name: null,
  description: null,
  maintenanceNote: null,
  paused: false,
  locked: false,
  accessLevel: 'not_protected',
  runUntagged: true,
  tags: [],
  maximumTimeoutSeconds: null,
};

/** Tags that a runner may have. */
export const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 255;
const MAX_NAME = 256;
const MAX_TEXT = 1024;
const MIN_TIMEOUT_SECONDS = 600;

/** Texts by GitLab's field name; empty when all is well. */
export function problemsOf(attributes: RunnerAttributes): Record<string, string[]> {
  const tags: string[] = [];
  if (attributes.tags.length === 0 && !attributes.runUntagged) {
    tags.push('can not be empty when runner is not allowed to pick untagged jobs');
  }
  if (attributes.tags.length > MAX_TAGS) {
    tags.push(`Too many tags specified. Please limit the number of tags to ${MAX_TAGS}`);
  }
  if (attributes.tags.some((tag) => tag.length > MAX_TAG_LENGTH)) {
    tags.push(`is too long (maximum is ${MAX_TAG_LENGTH} characters)`);
  }
  const timeout = attributes.maximumTimeoutSeconds;
  return withoutEmpty({
    tags_list: tags,
    maximum_timeout:
      timeout !== null && timeout < MIN_TIMEOUT_SECONDS ? ['needs to be at least 10 minutes'] : [],
    name: tooLong(attributes.name, MAX_NAME),
    description: tooLong(attributes.description, MAX_TEXT),
    maintenance_note: tooLong(attributes.maintenanceNote, MAX_TEXT),
  });
}

/** The same as whole sentences in one text: `Tags list can not be empty …, and Maximum timeout …`. */
export function sentencesOf(problems: Record<string, string[]>): string {
  const sentences = Object.entries(problems).flatMap(([field, texts]) => {
    const words = field.replaceAll('_', ' ');
    return texts.map((text) => `${words[0]?.toUpperCase()}${words.slice(1)} ${text}`);
  });
  if (sentences.length <= 2) return sentences.join(' and ');
  return `${sentences.slice(0, -1).join(', ')}, and ${sentences.at(-1)}`;
}

/** Tags as they are kept: trimmed, without empty ones and repeats, sorted. */
export function cleanTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim()).filter((tag) => tag !== ''))].sort();
}

function tooLong(text: string | null, max: number): string[] {
  return text !== null && [...text].length > max ? [`is too long (maximum is ${max} characters)`] : [];
}

function withoutEmpty(problems: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(problems).filter(([, texts]) => texts.length > 0));
}
