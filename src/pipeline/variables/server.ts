import type { Predefined } from './variable.ts';

/** The GitLab whose behaviour this server has; what CI_SERVER_VERSION and `/version` say. */
export const COMPATIBLE_VERSION = '18.8.0';
/** CI_SERVER_REVISION. */
export const COMPATIBLE_REVISION = 'teaspoon';

/** CI_SERVER_* and what is the same for all projects. `url` is the external base URL, without a trailing slash. */
export function serverVariables(url: string): Predefined[] {
  const { protocol, hostname, port, host } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const [major, minor, patch] = COMPATIBLE_VERSION.split('.') as [string, string, string];
  return [
    ['CI', 'true'],
    ['GITLAB_CI', 'true'],
    ['GITLAB_FEATURES', ''],
    ['CI_SERVER', 'yes'],
    ['CI_SERVER_URL', url],
    ['CI_SERVER_HOST', hostname],
    ['CI_SERVER_PORT', port || (scheme === 'https' ? '443' : '80')],
    ['CI_SERVER_PROTOCOL', scheme],
    ['CI_SERVER_FQDN', host],
    ['CI_SERVER_NAME', 'GitLab'],
    ['CI_SERVER_VERSION', COMPATIBLE_VERSION],
    ['CI_SERVER_VERSION_MAJOR', major],
    ['CI_SERVER_VERSION_MINOR', minor],
    ['CI_SERVER_VERSION_PATCH', patch],
    ['CI_SERVER_REVISION', COMPATIBLE_REVISION],
    ['CI_SERVER_SHELL_SSH_HOST', hostname],
    ['CI_SERVER_SHELL_SSH_PORT', '22'],
    ['CI_API_V4_URL', `${url}/api/v4`],
    ['CI_API_GRAPHQL_URL', `${url}/api/graphql`],
    ['CI_TEMPLATE_REGISTRY_HOST', 'registry.gitlab.com'],
  ];
}
