import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './db/database.ts';
import { pendingMigrations } from './db/migrate.ts';
import type { Tx } from './db/transaction.ts';
import { openDatabase } from './open-database.ts';
import {
  type AccessToken,
  accessTokenById,
  createAccessToken,
  dayOf,
  expiryError,
  isActive,
  listAccessTokens,
  MAX_LIFETIME_DAYS,
  revokeAccessToken,
  TOKEN_SCOPES,
} from './project/access-token.ts';
import { noteAct } from './project/audit.ts';
import { ROOT_SCOPES } from './project/first-start.ts';
import { instanceSettings } from './project/instance-settings.ts';
import { type User, userById, userByUsername } from './project/user.ts';
import { readCommand, type Settings, SettingsError, settingsHelp } from './settings.ts';
import { StartError } from './start-error.ts';

const HELP = `Usage: teaspoon token make|list|revoke [options]

Personal access tokens, made and ended on the server's own machine, by whoever may write its data directory: such as when
the token of root is lost. The server may run meanwhile.

  teaspoon token make              a new token of root that may do everything; shown once
    --user NAME                    of another user
    --name NAME                    what it is called (default: command line)
    --scopes LIST                  with commas, such as api,write_repository
    --expires YYYY-MM-DD           its last day (default: as late as the instance allows)
  teaspoon token list [--user NAME]
  teaspoon token revoke ID         it opens nothing any more

  --data DIRECTORY                 the data directory (TEASPOON_DATA, default ./data)

Exit code: 0 done, 1 not done, 2 wrong words.
`;

const OPTIONS = {
  user: { type: 'string' },
  name: { type: 'string' },
  scopes: { type: 'string' },
  expires: { type: 'string' },
} as const;

/** The command `teaspoon token`. Throws SettingsError or StartError with one sentence for the user. */
export async function token(words: string[]): Promise<number> {
  const { settings, names, options, help } = readCommand('token', words, OPTIONS);
  if (help) {
    process.stdout.write(`${HELP}\nAll settings\n${settingsHelp()}\n`);
    return 0;
  }
  const [verb, ...rest] = names;
  const work = { make, list, revoke }[verb ?? ''];
  if (work === undefined || rest.length !== (verb === 'revoke' ? 1 : 0)) {
    console.error('Say teaspoon token make, list or revoke ID. See teaspoon token --help.');
    return 2;
  }
  const db = await openExisting(settings);
  try {
    return await work(db, { ...(options as Options), id: rest[0] ?? '' });
  } finally {
    await db.close();
  }
}

interface Options {
  user?: string;
  name?: string;
  scopes?: string;
  expires?: string;
}

/** The database of a server that was started before, in exactly this version: a command does not upgrade it. */
async function openExisting(settings: Settings): Promise<Database> {
  if (settings.databaseUrl === null && !existsSync(join(settings.data, 'teaspoon.sqlite'))) {
    throw new StartError(
      `There is no Teaspoon server in ${settings.data}. Name its directory with --data or TEASPOON_DATA.`,
    );
  }
  const db = await openDatabase(settings);
  try {
    const pending = await pendingMigrations(db);
    if (pending.length > 0) {
      throw new StartError('The database is of an older version. Start this version of the server once.');
    }
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function make(db: Database, options: Options): Promise<number> {
  const user = await findUser(db, options.user ?? 'root');
  const scopes = options.scopes?.split(',').map((scope) => scope.trim()) ?? ROOT_SCOPES;
  const unknown = scopes.find((scope) => !(TOKEN_SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined) {
    throw new SettingsError(
      `There is no scope ${JSON.stringify(unknown)}. Known: ${TOKEN_SCOPES.join(', ')}.`,
    );
  }
  const now = Date.now();
  const { require_personal_access_token_expiry: limited } = await instanceSettings(db.read);
  const expiresAt = options.expires ?? (limited ? dayOf(now, MAX_LIFETIME_DAYS) : null);
  if (expiresAt !== null) {
    const wrong = /^\d{4}-\d\d-\d\d$/.test(expiresAt)
      ? expiresAt <= dayOf(now)
        ? 'It is over by then'
        : expiryError(expiresAt, now, limited)
      : 'Write YYYY-MM-DD';
    if (wrong !== null) throw new SettingsError(`--expires ${expiresAt}: ${wrong}.`);
  }
  const values = {
    userId: user.id,
    kind: 'personal' as const,
    name: options.name ?? 'command line',
    scopes,
    expiresAt,
  };
  const made = await db.transaction(async (tx) => {
    await note(tx, 'personal_access_token_created', user, values.name, now);
    return await createAccessToken(tx, values, now);
  });
  console.log(made.secret);
  console.error(
    `Token ${made.token.id} of ${user.username}, good until ${expiresAt ?? 'it is revoked'}; shown once.`,
  );
  return 0;
}

const LISTED = 1000;

async function list(db: Database, options: Options): Promise<number> {
  const user = options.user === undefined ? null : await findUser(db, options.user);
  const now = Date.now();
  const filter = { kinds: ['personal'], userId: user?.id, today: dayOf(now) };
  const { tokens, total } = await listAccessTokens(db.read, filter, { offset: 0, perPage: LISTED });
  for (const one of tokens) console.log(await line(db, one, now));
  if (total > LISTED) console.error(`These are ${LISTED} of ${total}; name a user with --user.`);
  return 0;
}

async function line(db: Database, one: AccessToken, now: number): Promise<string> {
  const user = await userById(db.read, one.userId);
  const state = one.revoked ? 'revoked' : isActive(one, now) ? 'active' : 'expired';
  const used = one.lastUsedAt === null ? 'never used' : `used ${dayOf(one.lastUsedAt)}`;
  return [
    one.id,
    user?.username ?? '-',
    state,
    one.expiresAt ?? 'no end',
    used,
    one.scopes.join(','),
    one.name,
  ].join('\t');
}

async function revoke(db: Database, { id }: { id: string }): Promise<number> {
  const found = /^\d{1,15}$/.test(id) ? await accessTokenById(db.read, Number(id)) : null;
  if (found === null || found.kind !== 'personal') {
    throw new StartError(`There is no token ${id}. See teaspoon token list.`);
  }
  const user = await userById(db.read, found.userId);
  await db.transaction(async (tx) => {
    if (user !== null) await note(tx, 'personal_access_token_revoked', user, String(found.id), Date.now());
    await revokeAccessToken(tx, found.id, Date.now());
  });
  console.log(`Token ${found.id} (${found.name}) opens nothing any more.`);
  return 0;
}

/** The audit keeps that it was done on this machine (security OPS-3). */
async function note(tx: Tx, act: string, user: User, target: string, now: number): Promise<void> {
  await noteAct(tx, {
    authorId: null,
    authorName: 'command line',
    act,
    entityType: 'User',
    entityId: user.id,
    entityPath: user.username,
    target,
    details: {},
    ip: '',
    createdAt: now,
  });
}

async function findUser(db: Database, name: string) {
  const user = await userByUsername(db.read, name);
  if (user === null) throw new StartError(`There is no user ${JSON.stringify(name)}.`);
  return user;
}
