import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import {
  type ActedOn,
  type Action,
  DEVELOPER,
  GUEST,
  MAINTAINER,
  may,
  OWNER,
  REPORTER,
  type Viewer,
} from './authorize.ts';
import type { Project } from './project.ts';
import type { RefProtection } from './protected-ref.ts';

const USER = 7;

const project: Project = {
  id: 1,
  namespaceId: 1,
  creatorId: null,
  name: 'app',
  path: 'app',
  fullPath: 'group/app',
  description: null,
  visibility: 'private',
  defaultBranch: 'main',
  archived: false,
  publicBuilds: true,
  buildsAccessLevel: 'enabled',
  repositoryAccessLevel: 'enabled',
  buildTimeoutSeconds: 3600,
  ciConfigPath: null,
  ciDefaultGitDepth: 20,
  buildGitStrategy: 'fetch',
  autoCancelPendingPipelines: true,
  sharedRunnersEnabled: true,
  groupRunnersEnabled: true,
  keepLatestArtifact: true,
  ciOutboundJobTokenScopeEnabled: false,
  ciInboundJobTokenScopeEnabled: true,
  ciSeparatedCaches: true,
  ciForwardDeploymentEnabled: true,
  ciPipelineVariablesMinimumOverrideRole: 'developer',
  resourceGroupDefaultProcessMode: 'unordered',
  maxArtifactsSize: null,
  settings: {},
  markedForDeletionAt: null,
  lastActivityAt: 0,
  forkedFromId: null,
  starCount: 0,
  createdAt: 0,
  updatedAt: 0,
};

const rule = (
  kind: 'branch' | 'tag',
  name: string,
  access: [action: 'push' | 'merge' | 'create', level: number][],
) => ({
  id: 1,
  kind,
  name,
  allowForcePush: false,
  updatedAt: 0,
  access: access.map(([action, level], index) => ({ id: index, action, level })),
});

const protection: RefProtection = [
  rule('branch', 'main', [
    ['push', 40],
    ['merge', 30],
  ]),
  rule('branch', 'production', [
    ['push', 40],
    ['merge', 40],
  ]),
  rule('branch', 'frozen', [
    ['push', 0],
    ['merge', 0],
  ]),
  rule('tag', 'v*', [['create', 40]]),
];

/** Callers of the tables. A job of the same project acts for a developer, one of another for an owner of both. */
const CALLERS: Record<string, Partial<Viewer>> = {
  anonymous: { userId: null },
  stranger: {},
  external: { external: true },
  guest: { level: GUEST },
  reporter: { level: REPORTER },
  developer: { level: DEVELOPER },
  maintainer: { level: MAINTAINER },
  owner: { level: OWNER },
  job_same_project: { level: DEVELOPER, byJob: true },
  job_other_project: { level: 0, byJob: true, jobRefused: true },
};

function viewer(caller: string, changes: Partial<Project>): Viewer {
  const base = { userId: USER, admin: false, external: false, level: 0, byJob: false, jobRefused: false };
  return { ...base, ...CALLERS[caller]!, project: { ...project, ...changes } };
}

interface On {
  ref?: string;
  tag?: boolean;
  own?: boolean;
  debug?: boolean;
  archived?: boolean;
  outdatedDeployment?: boolean;
  artifactAccess?: NonNullable<ActedOn['artifactAccess']>;
}

function actedOn({ ref, tag = false, own, ...rest }: On): ActedOn {
  return {
    ...rest,
    ...(ref === undefined ? {} : { ref: { name: ref, tag, protection } }),
    ...(own === undefined ? {} : { userId: own ? USER : 99 }),
  };
}

const read = (name: string): unknown =>
  parse(readFileSync(new URL(`../../test/conformance/access/${name}`, import.meta.url), 'utf8'), {
    merge: true,
  });

interface PrivateTable {
  callers: string[];
  acts: { act: Action; of?: string; on?: On; allowed: ('yes' | 'no' | 'pb')[] }[];
}

describe('a private project', () => {
  const { callers, acts } = read('private-project.yml') as PrivateTable;
  assert.ok(acts.length > 50);
  for (const { act, of, on = {}, allowed } of acts) {
    for (const publicBuilds of [true, false]) {
      const expected = allowed.map((cell) => cell === 'yes' || (cell === 'pb' && publicBuilds));
      it(`${act}${of === undefined ? '' : ` of ${of}`}, public pipelines ${publicBuilds ? 'on' : 'off'}`, () => {
        assert.equal(expected.length, callers.length);
        const got = callers.map((caller) => may(viewer(caller, { publicBuilds }), act, actedOn(on)));
        assert.deepEqual(
          Object.fromEntries(callers.map((caller, index) => [caller, got[index]])),
          Object.fromEntries(callers.map((caller, index) => [caller, expected[index]])),
        );
      });
    }
  }

  it('gives an administrator all but what belongs to nobody', () => {
    const admin = { ...viewer('stranger', {}), admin: true };
    for (const { act, on = {} } of acts) {
      const nobody =
        on.artifactAccess === 'none' ||
        on.ref === 'frozen' ||
        on.outdatedDeployment === true ||
        (on.archived === true && act !== 'cancel_build');
      assert.equal(may(admin, act, actedOn(on)), !nobody, `${act} ${JSON.stringify(on)}`);
    }
  });

  it('opens nothing to minimal access', () => {
    for (const { act, on = {} } of acts) {
      assert.equal(may({ ...viewer('stranger', {}), level: 5 }, act, actedOn(on)), false, act);
    }
  });
});

interface OpenTable {
  columns: string[];
  cases: { caller: string; act: Action; on?: On; allowed: ('yes' | 'no')[] }[];
}

describe('a project that visibility opens', () => {
  const { cases } = read('open-projects.yml') as OpenTable;
  assert.ok(cases.length > 20);
  const settings: Partial<Project>[] = [
    { visibility: 'public', publicBuilds: true },
    { visibility: 'public', publicBuilds: false },
    { visibility: 'internal', publicBuilds: true },
    { visibility: 'internal', publicBuilds: false },
  ];
  for (const { caller, act, on = {}, allowed } of cases) {
    it(`${act} by ${caller} ${JSON.stringify(on)}`, () => {
      const got = settings.map((changes) => (may(viewer(caller, changes), act, actedOn(on)) ? 'yes' : 'no'));
      assert.deepEqual(got, allowed);
    });
  }
});

describe('settings of a project', () => {
  it('CI/CD switched off takes builds from everybody', () => {
    const off = { buildsAccessLevel: 'disabled', visibility: 'public' } as const;
    for (const act of ['read_build', 'read_pipeline', 'create_pipeline', 'play_job'] as const) {
      for (const caller of Object.keys(CALLERS))
        assert.equal(may(viewer(caller, off), act), false, `${caller} ${act}`);
      assert.equal(may({ ...viewer('owner', off), admin: true }, act), false);
    }
  });

  it('CI/CD for members takes builds from others', () => {
    const members = { buildsAccessLevel: 'private', visibility: 'public' } as const;
    assert.equal(may(viewer('stranger', members), 'read_build'), false);
    assert.equal(may(viewer('guest', members), 'read_build'), true);
  });

  it('an archived project is read, and not changed', () => {
    const archived = { archived: true };
    for (const act of ['push_code', 'create_pipeline', 'retry_job', 'play_job'] as const) {
      assert.equal(may(viewer('owner', archived), act), false, act);
    }
    assert.equal(may(viewer('owner', archived), 'read_build'), true);
    assert.equal(may(viewer('owner', archived), 'archive_project'), true);
  });

  it('one that is marked for deletion is seen by its members only', () => {
    const marked = { visibility: 'public', markedForDeletionAt: 1 } as const;
    assert.equal(may(viewer('stranger', marked), 'read_project'), false);
    assert.equal(may(viewer('guest', marked), 'read_project'), true);
  });

  const roles = ['no_one_allowed', 'developer', 'maintainer', 'owner'] as const;
  for (const [index, role] of roles.entries()) {
    it(`pipeline variables for ${role}`, () => {
      const setting = { ciPipelineVariablesMinimumOverrideRole: role };
      const got = ['reporter', 'developer', 'maintainer', 'owner'].map((caller) =>
        may(viewer(caller, setting), 'set_pipeline_variables'),
      );
      const expected = [0, 1, 2, 3].map((rank) => index > 0 && rank >= index);
      assert.deepEqual(got, expected);
    });
  }
});
