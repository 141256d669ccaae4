import { Refused } from '../errors.ts';

/**
 * What a git client is refused with, in plain text, because git shows it to its user (runner-api 7). Without
 * credentials the answer is always 401, so that git asks for some and nothing is told about what exists.
 */
function text(status: number, body: string, headers: Record<string, string> = {}): Refused {
  return new Refused({ status, body: `${body}\n`, headers: { 'content-type': 'text/plain', ...headers } });
}

const CHALLENGE = { 'www-authenticate': 'Basic realm="Teaspoon"' };

export const refuseGit = {
  credentialsNeeded: () =>
    text(401, 'HTTP Basic: Access denied. Sign in with a personal access token as the password.', CHALLENGE),
  passwordExpired: () => text(403, 'Your password expired. Sign in with a browser to choose another.'),
  blocked: () => text(403, 'Your account has been blocked.'),
  noDownload: () => text(403, 'You are not allowed to download code from this project.'),
  noPush: () => text(403, 'You are not allowed to push code to this project.'),
  jobTokenPush: () => text(403, 'A CI/CD job token may not push.'),
  jobTokenElsewhere: (source: string, target: string) =>
    text(403, `Authentication by CI/CD job token not allowed from ${source} to ${target}.`),
  noProject: () =>
    text(404, "The project you were looking for could not be found or you don't have permission to view it."),
  noCreate: (reason: string) => text(403, reason),
  noService: () => text(404, 'Only the smart HTTP protocol of git is served.'),
  badEncoding: () => text(415, 'The content encoding of the request is not supported.'),
  badRequest: (reason: string) => text(400, `Not a request of git: ${reason}.`, { connection: 'close' }),
  tooLarge: () => text(413, 'The request is too large.', { connection: 'close' }),
};
