/** Texts by field, as the API answers them. */
export type FieldErrors = Record<string, string[]>;

/** Words that addresses below a project need (rest-resources 1.6). */
const RESERVED_PROJECT_PATHS = new Set(
  '- badges blame blob builds commits create create_dir edit files find_file new preview raw refs tree update wikis'.split(
    ' ',
  ),
);

/** Words that addresses of the server itself need. */
const RESERVED_TOP_PATHS = new Set(
  '- .well-known 404.html 422.html 500.html 502.html 503.html admin api assets dashboard deploy.html explore favicon.ico favicon.png files groups health_check help import jwt login oauth profile projects public robots.txt s search sitemap sitemap.xml slash-command-logo.png snippets unsubscribes uploads users v2'.split(
    ' ',
  ),
);

const PATH = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const PATH_TEXT =
  "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'";
/** Symbols and emoji count as letters; groups may have parentheses too. */
const NAME = /^[\p{L}\p{N}\u{A9}-\u{1F9FF}_][\p{L}\p{M}\p{N}\p{Pd}\u{A9}-\u{1F9FF}+_.() ]*$/u;
const NAME_TEXT =
  "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.";

/** What is wrong with a project's last path segment. */
export function projectPathErrors(path: string): string[] {
  const errors = segmentErrors(path, PATH_TEXT);
  if (RESERVED_PROJECT_PATHS.has(path.toLowerCase())) errors.push(`${path} is a reserved name`);
  return errors;
}

/** What is wrong with a group's or user's path segment; `top` when nothing stands above it. */
export function namespacePathErrors(path: string, top: boolean): string[] {
  const errors = segmentErrors(path, PATH_TEXT);
  const reserved = top ? RESERVED_TOP_PATHS : RESERVED_PROJECT_PATHS;
  if (reserved.has(path.toLowerCase())) errors.push(`${path} is a reserved name`);
  return errors;
}

function segmentErrors(path: string, text: string): string[] {
  const errors: string[] = [];
  if (path === '') errors.push("can't be blank");
  if (path.length > 255) errors.push('is too long (maximum is 255 characters)');
  if (!PATH.test(path) || /\.(git|atom)$/i.test(path) || path.endsWith('.')) errors.push(text);
  return errors;
}

/** What is wrong with a display name. */
export function nameErrors(name: string): string[] {
  const errors: string[] = [];
  if (name.trim() === '') return ["can't be blank"];
  if ([...name].length > 255) errors.push('is too long (maximum is 255 characters)');
  if (!NAME.test(name)) errors.push(NAME_TEXT);
  return errors;
}

/** A path made of a name: lower case, dashes for what a path can not hold; empty when nothing is left. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Drops fields without texts; null when nothing is left. */
export function errorsOrNull(errors: FieldErrors): FieldErrors | null {
  const entries = Object.entries(errors).filter(([, texts]) => texts.length > 0);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
