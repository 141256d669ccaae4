import type { TestServer } from '../start-server.ts';
import { type JobScene, openJobScene } from './job-scene.ts';
import { makeRunner, Repository, run } from './seed.ts';
import { seedSettings } from './seeded-settings.ts';

/** Where the seeded server has something worth looking at. */
export interface Seeded {
  /** Path of the project with the richest history. */
  path: string;
  /** Pipelines of it. */
  passed: number;
  failed: number;
  running: number;
  invalid: number;
  /** Of another project: more jobs than can be cards. */
  large: { path: string; pipeline: number };
  /** A project without a pipeline. */
  empty: string;
  /** Jobs in every state. */
  scene: JobScene;
  /** A schedule and a webhook of the richest project, and a group. */
  schedule: number;
  hook: number;
  group: string;
}

/** A configuration as a team has it: stages, needs, a matrix, manual and allowed-to-fail jobs, a child pipeline. */
const CONFIG = `
spec:
  inputs:
    region:
      description: Data centre of the deployment.
      options: [fra, ams]
      default: fra
    replicas: { type: number, default: 2 }
---
stages: [build, test, package, deploy]
variables:
  DEPLOY_TO:
    value: staging
    options: [staging, production]
    description: Where the deploy jobs go to.
  LOG_LEVEL:
    value: info
    description: How much the jobs print.
spec-check:
  stage: build
  script: make spec
compile:
  stage: build
  parallel:
    matrix:
      - OS: [debian, alpine]
        ARCH: [amd64, arm64]
  script: make
assets:
  stage: build
  script: make assets
unit:
  stage: test
  parallel: 5
  needs: [compile]
  script: make unit
integration:
  stage: test
  needs: [compile, assets]
  script: make integration
browser:
  stage: test
  needs: [assets]
  script: make browser
lint:
  stage: test
  needs: []
  allow_failure: true
  script: make lint
docs:
  stage: test
  needs: []
  script: make docs
container:
  stage: package
  needs: [unit, integration, browser]
  script: make container
security:
  stage: package
  needs: [container]
  trigger: { include: security.yml, strategy: depend }
review:
  stage: deploy
  needs: [container]
  environment: { name: review/$CI_COMMIT_REF_SLUG }
  script: make review
production:
  stage: deploy
  needs: [container, security]
  when: manual
  environment: { name: production }
  script: make production
`;

const SECURITY = `
sast:
  script: make sast
secrets:
  script: make secrets
licences:
  script: make licences
`;

const LARGE = `
stages: [prepare, build, test, report]
prepare:
  stage: prepare
  script: make
${Array.from(
  { length: 40 },
  (_, index) => `build-${index}:
  stage: build
  needs: [prepare]
  script: make
`,
).join('')}
unit:
  stage: test
  parallel: 24
  script: make
${Array.from(
  { length: 92 },
  (_, index) => `check-${index}:
  stage: test
  needs: [build-${index % 40}]
  script: make
`,
).join('')}
report:
  stage: report
  script: make
coverage:
  stage: report
  script: make
publish:
  stage: report
  when: manual
  script: make
`;

/** Fills a server with projects, people, pipelines in every state and logs, as it looks after some weeks. */
export async function seedServer(server: TestServer): Promise<Seeded> {
  const runner = await makeRunner(server, 'build-host-1');
  const app = await Repository.make(server, 'storefront', {
    description: 'The shop that customers see',
    visibility: 'internal',
  });
  const messages = [
    'Keep the cart when the session is renewed',
    'Search: rank exact matches first',
    'Update the payment client to its third version',
    'Orders: show the delivery window in local time',
    'Fewer queries on the category page',
    'Admin: export orders as CSV',
  ];
  for (const [index, message] of messages.entries()) {
    await app.push(
      { '.gitlab-ci.yml': CONFIG, 'security.yml': SECURITY, 'src/shop.txt': `${index}` },
      { message, branch: index % 3 === 1 ? `feature/search-${index}` : 'main' },
    );
    await run(runner, ({ payload }) =>
      index === 4 && payload.job_info.name === 'lint' ? 'failed' : 'success',
    );
    await settle(server);
  }
  const passed = await newest(server, app.id);
  const failed = await app.push(
    { 'src/shop.txt': 'failed' },
    { message: 'Checkout: ask for the address once', branch: 'fix/checkout' },
  );
  const breaks = new Set(['unit 3/5', 'browser', 'lint']);
  await run(runner, ({ payload }) => (breaks.has(payload.job_info.name) ? 'failed' : 'success'));
  const invalid = await app.push(
    {
      '.gitlab-ci.yml': 'build:\n  stage: nowhere\n  script: make\ntest:\n  needs: [biuld]\n  script: make\n',
    },
    { message: 'Try another layout of the stages', branch: 'try/stages' },
  );
  const running = await app.push(
    { '.gitlab-ci.yml': CONFIG, 'src/shop.txt': 'now' },
    { message: 'Prices: round half to even, everywhere' },
  );
  await run(runner, ({ payload }) =>
    /^(unit [45]|integration|docs)/.test(payload.job_info.name) ? 'hold' : 'success',
  );
  app.close();

  for (const [name, config, outcome] of [
    [
      'infrastructure',
      'plan:\n  script: terraform plan\napply:\n  stage: deploy\n  when: manual\n  script: terraform apply\n',
      'success',
    ],
    ['mobile-app', 'build:\n  script: make\ntest:\n  stage: test\n  script: make test\n', 'failed'],
    ['design-tokens', 'build:\n  script: make\n', 'success'],
  ] as const) {
    const other = await Repository.make(server, name, {
      description: `Sources of ${name.replace('-', ' ')}`,
    });
    await other.push({ '.gitlab-ci.yml': config }, { message: `First steps of ${name}` });
    await run(runner, () => outcome);
    other.close();
  }
  const monorepo = await Repository.make(server, 'monorepo', { visibility: 'internal' });
  const large = await monorepo.push({ '.gitlab-ci.yml': LARGE }, { message: 'Everything at once' });
  for (let count = 0; count < 36; count++) {
    runner.lastUpdate = null;
    const { job } = await runner.request();
    if (job === null) break;
    if (count < 30) await runner.succeed(job);
  }
  monorepo.close();
  const empty = await Repository.make(server, 'brand-new');
  empty.close();
  await spreadTimes(server);
  const scene = await openJobScene(server);
  const settings = await seedSettings(server, app.id);
  return {
    path: app.path,
    scene,
    passed,
    failed: failed!,
    running: running!,
    invalid: invalid!,
    large: { path: monorepo.path, pipeline: large! },
    empty: empty.path,
    ...settings,
  };
}

/** Bridges start their pipelines a moment after the job before them: until nothing waits, the jobs of those are run, too. */
async function settle(server: TestServer): Promise<void> {
  const runner = await makeRunner(server, 'build-host-2');
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const before = await waiting(server);
    await run(runner);
    quiet = before === 0 ? quiet + 1 : 0;
  }
}

async function waiting(server: TestServer): Promise<number> {
  const rows = await server.rooms.db.read.sql
    .selectFrom('jobs')
    .select('id')
    .where('status', 'in', ['pending', 'running'])
    .execute();
  return rows.length;
}

async function newest(server: TestServer, project: number): Promise<number> {
  const { body } = await server.api<{ id: number }[]>(
    'GET',
    `/projects/${project}/pipelines?status=manual&per_page=1`,
  );
  if (body[0] !== undefined) return body[0].id;
  const any = await server.api<{ id: number }[]>('GET', `/projects/${project}/pipelines?per_page=1`);
  return any.body[0]!.id;
}

/** Real jobs take their time: lays the seed's pipelines over the last days, each with durations as jobs have them. */
async function spreadTimes(server: TestServer): Promise<void> {
  const { db } = server.rooms;
  const now = Date.now();
  const { sql } = db.read;
  const pipelines = await sql
    .selectFrom('pipelines')
    .select(['id', 'finished_at'])
    .orderBy((order) => order.case().when('status', '=', 'running').then(0).else(1).end())
    .orderBy('id', 'desc')
    .execute();
  await db.transaction(async (tx) => {
    for (const [index, pipeline] of pipelines.entries()) {
      const jobs = await sql
        .selectFrom('jobs')
        .select(['id', 'name', 'stage_index', 'started_at', 'finished_at'])
        .where('pipeline_id', '=', pipeline.id)
        .execute();
      const created = now - 140_000 - index * index * 2_100_000 - index * 900_000;
      let last = created;
      for (const job of jobs) {
        if (job.started_at === null) continue;
        const salt = [...job.name].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % 9973, index);
        const started = created + 2_000 + job.stage_index * 42_000 + (salt % 9_000);
        const finished = job.finished_at === null ? null : started + 6_000 + ((salt * 7) % 31_000);
        last = Math.max(last, finished ?? last);
        await tx.sql
          .updateTable('jobs')
          .set({
            created_at: created,
            queued_at: started - 900 - (salt % 700),
            started_at: started,
            finished_at: finished,
          })
          .where('id', '=', job.id)
          .execute();
      }
      const over = pipeline.finished_at !== null;
      await tx.sql
        .updateTable('pipelines')
        .set({
          created_at: created,
          started_at: created + 2_000,
          ...(over ? { finished_at: last, duration: Math.round((last - created) / 1000) } : {}),
        })
        .where('id', '=', pipeline.id)
        .execute();
    }
  });
}
