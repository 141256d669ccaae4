import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { Gitlab } from '@gitbeaker/rest';
import { forEachServer } from '../start-server.ts';
import { type ClientSite, FILES, LOG, openClientSite } from './client-site.ts';

forEachServer('@gitbeaker/rest', (start) => {
  let site: Promise<ClientSite> | undefined;
  const opened = async () => {
    site ??= start().then(openClientSite);
    const { url: host, token, project } = await site;
    const api = new Gitlab({ host, token });
    return { api, id: project.id, names: project.names as Record<string, number>, site: await site };
  };
  after(async () => (await site)?.close());

  it('signs in and learns the version', async () => {
    const { api } = await opened();
    assert.equal((await api.Users.showCurrentUser()).username, 'root');
    assert.equal(typeof (await api.Metadata.show()).version, 'string');
  });

  it('lists all jobs, following every page', async () => {
    const { api, id } = await opened();
    const jobs = await api.Jobs.all(id, { perPage: 2 });
    assert.deepEqual(
      jobs.map((job) => job.id),
      jobs.map((job) => job.id).sort((a, b) => b - a),
    );
    assert.equal(jobs.length, new Set(jobs.map((job) => job.id)).size);
    const keyset = await api.Jobs.all(id, { pagination: 'keyset', perPage: 2, orderBy: 'id', sort: 'desc' });
    assert.deepEqual(
      keyset.map((job) => job.id),
      jobs.map((job) => job.id),
    );
  });

  it('filters by scope', async () => {
    const { api, id } = await opened();
    const jobs = await api.Jobs.all(id, { scope: 'failed' });
    assert.deepEqual(
      jobs.map((job) => job.name),
      ['broken'],
    );
  });

  it('reads one job and its log', async () => {
    const { api, id, names } = await opened();
    const job = await api.Jobs.show(id, names.build!);
    assert.deepEqual([job.status, job.name, job.pipeline.id], ['success', 'build', names.pipeline]);
    assert.equal(await api.Jobs.showLog(id, names.build!), LOG);
  });

  it('lists the jobs and bridges of a pipeline', async () => {
    const { api, id, names } = await opened();
    const jobs = await api.Jobs.all(id, { pipelineId: names.pipeline!, includeRetried: true });
    assert.ok(jobs.some((job) => job.name === 'build'));
    const bridges = await api.Jobs.allPipelineBridges(id, names.pipeline!);
    assert.deepEqual(
      bridges.map((bridge) => bridge.name),
      ['down'],
    );
  });

  it('downloads artifacts, whole and file by file, by job and by ref', async () => {
    const { api, id, names } = await opened();
    const whole = (await api.JobArtifacts.downloadArchive(id, { jobId: names.build! })) as Blob;
    assert.equal(
      Buffer.from(await whole.arrayBuffer())
        .subarray(0, 2)
        .toString(),
      'PK',
    );
    const file = (await api.JobArtifacts.downloadArchive(id, {
      jobId: names.build!,
      artifactPath: 'dist/bin.dat',
    })) as Blob;
    assert.equal(Buffer.from(await file.arrayBuffer()).toString(), FILES['dist/bin.dat']);
    const byRef = (await api.JobArtifacts.downloadArchive(id, {
      ref: 'released',
      job: 'build',
      artifactPath: 'dist/bin.dat',
    })) as Blob;
    assert.equal(Buffer.from(await byRef.arrayBuffer()).toString(), FILES['dist/bin.dat']);
    const wholeByRef = await api.JobArtifacts.downloadArchive(id, { ref: 'released', job: 'build' });
    assert.equal(wholeByRef.size, whole.size);
  });

  it('cancels, retries, plays and erases', async () => {
    const { api, id, names } = await opened();
    assert.equal((await api.Jobs.cancel(id, names.waiting!)).status, 'canceled');
    assert.equal((await api.Jobs.retry(id, names.waiting!)).status, 'pending');
    const variables = [{ key: 'COLOUR', value: 'red' }];
    const played = await api.Jobs.play(id, names.held!, { jobVariablesAttributes: variables });
    assert.deepEqual([played.id, played.status], [names.held, 'pending']);
    await api.JobArtifacts.keep(id, names.build!);
    const erased = await api.Jobs.erase(id, names.build!);
    assert.deepEqual(erased.artifacts, []);
    await api.JobArtifacts.remove(id, { jobId: names.build! });
    await api.JobArtifacts.remove(id);
  });

  it('shows the job of a token', async () => {
    const {
      names,
      site: { url, jobToken },
    } = await opened();
    // The client looks for the header by its name, beside the option.
    const api = new Gitlab({ host: url, jobToken });
    api.Jobs.headers['job-token'] = jobToken;
    assert.equal((await api.Jobs.showConnectedJob()).id, names.running);
    const agents = (await api.Jobs.showConnectedJobK8Agents()) as unknown as { allowed_agents: unknown[] };
    assert.deepEqual(agents.allowed_agents, []);
  });

  it('makes, reads, cancels, retries and removes pipelines', async () => {
    const { api, id } = await opened();
    const made = await api.Pipelines.create(id, 'released', { variables: [{ key: 'A', value: 'b' }] });
    assert.equal(made.source, 'api');
    assert.deepEqual(
      (await api.Pipelines.allVariables(id, made.id)).map(({ key, value }) => [key, value]),
      [['A', 'b']],
    );
    assert.equal((await api.Pipelines.cancel(id, made.id)).status, 'canceled');
    await api.Pipelines.retry(id, made.id);
    assert.equal((await api.Pipelines.showLatest(id, { ref: 'released' })).id, made.id);
    assert.equal((await api.Pipelines.showTestReport(id, made.id)).total_count, 0);
    assert.equal((await api.Pipelines.showTestReportSummary(id, made.id)).total.count, 0);
    const ofRef = await api.Pipelines.all(id, { ref: 'released', status: 'success', perPage: 1 });
    assert.deepEqual(
      ofRef.map(({ status, source }) => [status, source]),
      [['success', 'push']],
    );
    await api.Pipelines.remove(id, made.id);
    await assert.rejects(api.Pipelines.show(id, made.id));
  });

  it('manages variables, lints and shows runners', async () => {
    const { api, id } = await opened();
    await api.ProjectVariables.create(id, 'A_KEY', 'a value');
    await api.ProjectVariables.edit(id, 'A_KEY', 'another');
    assert.equal((await api.ProjectVariables.show(id, 'A_KEY')).value, 'another');
    await api.ProjectVariables.remove(id, 'A_KEY');
    assert.equal((await api.Lint.lint(id, 'a: {script: [x]}')).valid, true);
    assert.equal((await api.Lint.check(id, {})).valid, true);
    const [runner] = await api.Runners.all({ projectId: id });
    assert.equal(runner?.runner_type, 'project_type');
    const details = await api.Runners.show(runner!.id);
    assert.deepEqual([details.tag_list, details.status], [[], 'online']);
    const jobs = await api.Runners.allJobs(runner!.id, { status: 'success' });
    assert.deepEqual(jobs.map(({ name }) => name).sort(), ['build', 'build']);
  });

  it('starts pipelines by trigger', async () => {
    const { api, id } = await opened();
    const trigger = await api.PipelineTriggerTokens.create(id, 'bot');
    const made = await api.PipelineTriggerTokens.trigger(id, 'released', trigger.token, {
      variables: { A: 'b' },
    });
    assert.equal((made as unknown as { source: string }).source, 'trigger');
    await api.PipelineTriggerTokens.edit(id, trigger.id, { description: 'robot' });
    assert.equal((await api.PipelineTriggerTokens.show(id, trigger.id)).description, 'robot');
    await api.PipelineTriggerTokens.remove(id, trigger.id);
    assert.deepEqual(await api.PipelineTriggerTokens.all(id), []);
  });

  it('manages schedules and their variables', async () => {
    const { api, id } = await opened();
    const made = await api.PipelineSchedules.create(id, 'nightly', 'released', '0 1 * * *');
    const edited = await api.PipelineSchedules.edit(id, made.id, { description: 'weekly', active: false });
    assert.deepEqual([edited.description, edited.active], ['weekly', false]);
    await api.PipelineScheduleVariables.create(id, made.id, 'A', 'b');
    const changed = await api.PipelineScheduleVariables.edit(id, made.id, 'A', 'c', { variableType: 'file' });
    assert.deepEqual([changed.value, changed.variable_type], ['c', 'file']);
    const shown = await api.PipelineSchedules.show(id, made.id);
    assert.deepEqual((shown as unknown as { variables: unknown[] }).variables.length, 1);
    await api.PipelineScheduleVariables.remove(id, made.id, 'A');
    assert.equal((await api.PipelineSchedules.takeOwnership(id, made.id)).owner.username, 'root');
    await api.PipelineSchedules.run(id, made.id);
    assert.equal((await api.PipelineSchedules.allTriggeredPipelines(id, made.id))[0]?.source, 'schedule');
    assert.deepEqual(
      (await api.PipelineSchedules.all(id)).map((schedule) => schedule.id),
      [made.id],
    );
    await api.PipelineSchedules.remove(id, made.id);
  });

  it('manages variables of a group and of the instance', async () => {
    const { api } = await opened();
    const group = await api.Groups.create('Team', 'team');
    await api.GroupVariables.create(group.id, 'A_KEY', 'a value');
    await api.GroupVariables.edit(group.id, 'A_KEY', 'another');
    assert.equal((await api.GroupVariables.show(group.id, 'A_KEY')).value, 'another');
    await api.GroupVariables.remove(group.id, 'A_KEY');
    assert.deepEqual(await api.GroupVariables.all(group.id), []);
    await api.InstanceLevelCICDVariables.create('A_KEY', 'a value', { masked: true, raw: false }).then(
      () => assert.fail('a value with a blank was masked'),
      () => undefined,
    );
    await api.InstanceLevelCICDVariables.create('A_KEY', 'a value');
    await api.InstanceLevelCICDVariables.edit('A_KEY', 'another');
    assert.equal((await api.InstanceLevelCICDVariables.show('A_KEY')).value, 'another');
    assert.deepEqual(
      (await api.InstanceLevelCICDVariables.all()).map(({ key }) => key),
      ['A_KEY'],
    );
  });

  it('registers, assigns, changes and removes runners', async () => {
    const { api, id } = await opened();
    const other = await api.Projects.create({ name: 'other' });
    const made = await api.Users.createCIRunner('project_type', { projectId: other.id, tagList: ['a', 'b'] });
    // The client sends what it is given; its types do not know the token.
    await api.Runners.verify({ token: made.token } as object);
    assert.equal((await api.Runners.enable(id, made.id)).id, made.id);
    assert.ok((await api.Runners.all({ projectId: id })).some((runner) => runner.id === made.id));
    await api.Runners.disable(id, made.id);
    const edited = await api.Runners.edit(made.id, { description: 'mine', paused: true });
    assert.deepEqual([edited.description, edited.paused, edited.tag_list], ['mine', true, ['a', 'b']]);
    const all = await api.Runners.all({ type: 'project_type', status: 'never_contacted' });
    assert.ok(all.some((runner) => runner.id === made.id));
    await api.Runners.remove({ runnerId: made.id });
    await assert.rejects(api.Runners.show(made.id));
    await api.ApplicationSettings.edit({ allow_runner_registration_token: true } as object);
    const reset = (await api.Runners.resetRegistrationToken({ token: 'old' })) as unknown as {
      token: string;
    };
    const registered = (await api.Runners.create(reset.token, { description: 'old way' })) as {
      token: string;
    };
    await api.Runners.remove({ token: registered.token });
  });

  it('reads resource groups and lets other projects in', async () => {
    const { api, id } = await opened();
    assert.deepEqual(await api.ResourceGroups.all(id), []);
    const other = await api.Projects.create({ name: 'let-in' });
    const group = await api.Groups.create('Let in', 'let-in-group');
    const scopes = api.ProjectJobTokenScopes;
    await scopes.edit(id, true);
    assert.equal((await scopes.show(id)).inbound_enabled, true);
    await scopes.addToInboundAllowList(id, other.id);
    assert.deepEqual(
      (await scopes.showInboundAllowList(id)).map((project) => project.id),
      [id, other.id],
    );
    await scopes.removeFromInboundAllowList(id, other.id);
    await scopes.addToGroupsAllowList(id, group.id);
    assert.deepEqual(
      (await scopes.showGroupsAllowList(id)).map(({ name }) => name),
      ['Let in'],
    );
    await scopes.removeFromGroupsAllowList(id, group.id);
  });
});
