# What a user of ruby-gitlab does with jobs, pipelines and artifacts. Prints one JSON object: promise -> null or error.
require 'gitlab'
require 'json'

SITE = JSON.parse(ENV.fetch('SITE'))
JOBS = SITE['jobs']
PATH = SITE['path']
CLIENT = Gitlab.client(endpoint: "#{SITE['url']}/api/v4", private_token: SITE['token'])

def same(expected, actual)
  raise "#{actual.inspect}, not #{expected.inspect}" unless expected == actual
end

def refused(status)
  yield
  raise "not refused with #{status}"
rescue Gitlab::Error::ResponseError => e
  same(status, e.response_status)
end

PROMISES = {
  'signs in' => lambda {
    same 'root', CLIENT.user.username
  },
  'lists all jobs page by page' => lambda {
    ids = CLIENT.jobs(PATH, per_page: 2).auto_paginate.map(&:id)
    same ids.sort.reverse, ids
    same ids.uniq.size, ids.size
    raise ids.inspect unless ids.size > 4
  },
  'filters by scope' => lambda {
    same ['broken'], CLIENT.jobs(PATH, scope: 'failed').map(&:name)
    same %w[broken held], CLIENT.jobs(PATH, scope: %w[failed manual]).map(&:name).sort
    refused(400) { CLIENT.jobs(PATH, scope: 'old') }
  },
  'reads the jobs and bridges of a pipeline' => lambda {
    names = CLIENT.pipeline_jobs(PATH, SITE['pipeline'], include_retried: true).map(&:name)
    raise names.inspect unless names.include?('build')
    same ['down'], CLIENT.pipeline_bridges(PATH, SITE['pipeline']).map(&:name)
  },
  'reads one job and its log' => lambda {
    job = CLIENT.job(PATH, JOBS['build'])
    same %w[success build main], [job.status, job.name, job.ref]
    same SITE['pipeline'], job.pipeline.id
    same SITE['log'].b, CLIENT.job_trace(PATH, JOBS['build']).to_s.b
    refused(404) { CLIENT.job(PATH, 999_999_999) }
  },
  'downloads archives and files' => lambda {
    same 'PK', CLIENT.job_artifacts(PATH, JOBS['build']).to_s.b[0, 2]
    archive = CLIENT.job_artifacts_download(PATH, 'released', 'build')
    raise archive.filename unless archive.filename.start_with?('artifacts.zip')
    file = CLIENT.download_job_artifact_file(PATH, JOBS['build'], 'dist/bin.dat')
    same SITE['files']['dist/bin.dat'].b, file.to_hash[:data].string.b
    raw = CLIENT.download_branch_artifact_file(PATH, 'released', 'dist/bin.dat', 'build')
    raise raw.filename unless raw.filename.start_with?('bin.dat')
  },
  'cancels, retries and plays jobs' => lambda {
    same 'canceled', CLIENT.job_cancel(PATH, JOBS['waiting']).status
    same 'pending', CLIENT.job_retry(PATH, JOBS['waiting']).status
    same 'pending', CLIENT.job_play(PATH, JOBS['held']).status
    refused(400) { CLIENT.job_play(PATH, JOBS['broken']) }
    refused(403) { CLIENT.job_retry(PATH, JOBS['waiting']) }
  },
  'keeps, erases and deletes artifacts' => lambda {
    same JOBS['build'], CLIENT.job_artifacts_keep(PATH, JOBS['build']).id
    same [], CLIENT.job_erase(PATH, JOBS['build']).artifacts
    CLIENT.job_artifacts_delete(PATH, JOBS['build'])
  },
  'makes, cancels, retries and deletes pipelines' => lambda {
    made = CLIENT.create_pipeline(PATH, 'released', { A: 'b' })
    same 'api', made.source
    same 'canceled', CLIENT.cancel_pipeline(PATH, made.id).status
    CLIENT.retry_pipeline(PATH, made.id)
    same 0, CLIENT.pipeline_test_report(PATH, made.id).total_count
    same made.id, CLIENT.pipelines(PATH, ref: 'released').first.id
    CLIENT.delete_pipeline(PATH, made.id)
    refused(404) { CLIENT.pipeline(PATH, made.id) }
  },
  'starts pipelines by trigger' => lambda {
    trigger = CLIENT.create_trigger(PATH, 'bot')
    made = CLIENT.run_trigger(PATH, trigger.token, 'released', { A: 'b' })
    same 'trigger', made.source
    same 'robot', CLIENT.update_trigger(PATH, trigger.id, description: 'robot').description
    same trigger.token, CLIENT.trigger(PATH, trigger.id).token
    CLIENT.delete_trigger(PATH, trigger.id)
    same [], CLIENT.triggers(PATH).map(&:id)
  },
  'manages variables' => lambda {
    CLIENT.create_variable(PATH, 'A_KEY', 'a value')
    CLIENT.update_variable(PATH, 'A_KEY', 'another')
    same 'another', CLIENT.variable(PATH, 'A_KEY').value
    CLIENT.remove_variable(PATH, 'A_KEY')
    refused(404) { CLIENT.variable(PATH, 'A_KEY') }
    same [], CLIENT.variables(PATH).map(&:key)
  },
  'manages variables of a group' => lambda {
    group = CLIENT.create_group('team', 'team')
    CLIENT.create_group_variable(group.id, 'A_KEY', 'a value')
    CLIENT.update_group_variable(group.id, 'A_KEY', 'another')
    same 'another', CLIENT.group_variable(group.id, 'A_KEY').value
    CLIENT.remove_group_variable(group.id, 'A_KEY')
    same [], CLIENT.group_variables(group.id).map(&:key)
  },
  'manages schedules and their variables' => lambda {
    made = CLIENT.create_pipeline_schedule(PATH, description: 'nightly', ref: 'released', cron: '0 1 * * *')
    CLIENT.create_pipeline_schedule_variable(PATH, made.id, key: 'A', value: 'b')
    same 'c', CLIENT.edit_pipeline_schedule_variable(PATH, made.id, 'A', value: 'c').value
    same 'weekly', CLIENT.edit_pipeline_schedule(PATH, made.id, description: 'weekly').description
    same 'root', CLIENT.pipeline_schedule_take_ownership(PATH, made.id).owner.username
    same ['c'], CLIENT.pipeline_schedule(PATH, made.id).variables.map { |variable| variable['value'] }
    CLIENT.delete_pipeline_schedule_variable(PATH, made.id, 'A')
    same [made.id], CLIENT.pipeline_schedules(PATH).map(&:id)
    CLIENT.delete_pipeline_schedule(PATH, made.id)
  },
  'registers, assigns, changes and removes runners' => lambda {
    other = CLIENT.create_project('other')
    runner = CLIENT.post('/user/runners', body: { runner_type: 'project_type', project_id: other.id })
    same true, CLIENT.verify_auth_registered_runner(runner.token).to_s != ''
    CLIENT.project_enable_runner(PATH, runner.id)
    raise 'not there' unless CLIENT.project_runners(PATH, type: 'project_type').map(&:id).include?(runner.id)
    CLIENT.project_disable_runner(PATH, runner.id)
    same ['mine', true], CLIENT.update_runner(runner.id, description: 'mine', paused: true).to_hash.values_at('description', 'paused')
    raise 'not there' unless CLIENT.all_runners.map(&:id).include?(runner.id)
    raise 'not there' unless CLIENT.runners(status: 'never_contacted').map(&:id).include?(runner.id)
    same [], CLIENT.runner_jobs(runner.id).map(&:id)
    CLIENT.delete_runner(runner.id)
    refused(404) { CLIENT.runner(runner.id) }
    CLIENT.put('/application/settings', body: { allow_runner_registration_token: true })
    registered = CLIENT.register_runner(CLIENT.post('/runners/reset_registration_token').token, description: 'old way')
    CLIENT.delete_registered_runner(registered.token)
    group = CLIENT.create_group('runners', 'runners')
    same [], CLIENT.group_runners(group.id, type: 'group_type').map(&:id)
  }
}.freeze

results = PROMISES.to_h do |name, work|
  work.call
  [name, nil]
rescue StandardError => e
  [name, "#{e.class}: #{e.message} #{e.backtrace&.first(3)&.join(' ')}"]
end
puts JSON.generate(results)
