import type { IncomingMessage } from 'node:http';
import { bearerOf, isActive, noteUse, useIsDue } from '../../project/access-token.ts';
import type { Caller } from '../../project/caller.ts';
import { signIn } from '../../project/sign-in.ts';
import { userById } from '../../project/user.ts';
import { jobOfToken } from '../read/job-token.ts';
import type { Rooms } from '../rooms.ts';
import { refuseGit } from './refusals.ts';

export type GitService = 'git-upload-pack' | 'git-receive-pack';

/** Scopes of a token that open each service. */
const SCOPES: Readonly<Record<GitService, readonly string[]>> = {
  'git-upload-pack': ['api', 'read_repository', 'write_repository'],
  'git-receive-pack': ['api', 'write_repository'],
};

const JOB_USER = 'gitlab-ci-token';

/**
 * Who a git client is, by HTTP Basic (security GIT-8): a job's token with the user `gitlab-ci-token`, a personal access
 * token with any user name, or a user's name and password. Anonymous without credentials; throws `Refused` with 401 for
 * bad ones and 403 for a blocked user or a token whose scopes do not open the service.
 */
export async function gitCaller(
  rooms: Rooms,
  request: IncomingMessage,
  service: GitService,
  now: number,
): Promise<Caller> {
  const given = basicOf(request.headers.authorization);
  if (given === 'none') return { kind: 'anonymous' };
  if (given === 'malformed') throw refuseGit.credentialsNeeded();
  const caller =
    given.username === JOB_USER
      ? await byJobToken(rooms, given.password)
      : ((await byAccessToken(rooms, given.password, service, now)) ?? (await byPassword(rooms, given, now)));
  if (caller === null) throw refuseGit.credentialsNeeded();
  if (caller.user.state !== 'active') throw refuseGit.blocked();
  return caller;
}

export interface Basic {
  username: string;
  password: string;
}

/** Name and password of an `Authorization: Basic` header. */
export function basicOf(header: string | undefined): Basic | 'none' | 'malformed' {
  if (header === undefined || header === '') return 'none';
  const encoded = /^Basic +([A-Za-z0-9+/=_-]{1,4096}) *$/i.exec(header)?.[1];
  if (encoded === undefined) return 'malformed';
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? 'malformed' : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

type Known = Exclude<Caller, { kind: 'anonymous' }>;

async function byJobToken(rooms: Rooms, token: string): Promise<Known | null> {
  const job = await jobOfToken(rooms.db.read, token);
  const user = job === null ? null : await userById(rooms.db.read, job.userId);
  return job === null || user === null
    ? null
    : { kind: 'job', user, jobId: job.jobId, projectId: job.projectId };
}

async function byAccessToken(
  rooms: Rooms,
  secret: string,
  service: GitService,
  now: number,
): Promise<Known | null> {
  const bearer = secret === '' ? null : await bearerOf(rooms.db.read, secret);
  if (bearer === null || bearer.user === null || !isActive(bearer.token, now)) return null;
  const { token, user } = bearer;
  if (!token.scopes.some((scope) => SCOPES[service].includes(scope))) {
    throw service === 'git-upload-pack' ? refuseGit.noDownload() : refuseGit.noPush();
  }
  if (useIsDue(token, now)) await rooms.db.transaction((tx) => noteUse(tx, token.id, now));
  return { kind: 'user', user, tokenId: token.id, scopes: token.scopes };
}

/** What looks like a token is never tried as a password: a dead one must not count as a failed sign-in. */
async function byPassword(rooms: Rooms, given: Basic, now: number): Promise<Known | null> {
  if (/^gl[a-z]{2,6}-/.test(given.password)) return null;
  const result = await signIn(rooms.db.read, rooms.signInFailures, given.username, given.password, now);
  if (result.ok) return { kind: 'user', user: result.user, tokenId: null, scopes: ['api'] };
  if (result.reason === 'expired') throw refuseGit.passwordExpired();
  if (result.reason === 'blocked' || result.reason === 'deactivated') throw refuseGit.blocked();
  return null;
}
