"""What a user of python-gitlab does with jobs, pipelines and artifacts. Prints one JSON object: promise -> null or error."""
import io
import json
import os
import sys
import time
import traceback
import warnings
import zipfile

import gitlab

warnings.simplefilter("error")
SITE = json.loads(os.environ["SITE"])
gl = gitlab.Gitlab(SITE["url"], private_token=SITE["token"])
gl.auth()
project = gl.projects.get(SITE["path"])
jobs = SITE["jobs"]


def until(question):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("waited in vain")


TEXT_OR_NONE = (str, type(None))
NUMBER_OR_NONE = (int, float, type(None))
OBJECT_OR_NONE = (dict, type(None))
JOB_START = {
    "id": int, "status": str, "stage": str, "name": str, "ref": str, "tag": bool, "coverage": NUMBER_OR_NONE,
    "allow_failure": bool, "created_at": str, "started_at": TEXT_OR_NONE, "finished_at": TEXT_OR_NONE,
    "erased_at": TEXT_OR_NONE, "duration": NUMBER_OR_NONE, "queued_duration": NUMBER_OR_NONE, "user": dict,
    "commit": dict, "pipeline": dict, "web_url": str, "project": dict,
}
JOB_END = {
    "artifacts": list, "runner": OBJECT_OR_NONE, "runner_manager": OBJECT_OR_NONE, "artifacts_expire_at": TEXT_OR_NONE,
    "archived": bool, "source": str, "tag_list": list,
}
PIPELINE = {
    "id": int, "iid": int, "project_id": int, "sha": str, "ref": str, "status": str, "source": str, "created_at": str,
    "updated_at": str, "web_url": str,
}
PIPELINE_END = {
    "before_sha": str, "tag": bool, "yaml_errors": TEXT_OR_NONE, "user": dict, "started_at": TEXT_OR_NONE,
    "finished_at": TEXT_OR_NONE, "committed_at": TEXT_OR_NONE, "duration": (int, type(None)),
    "queued_duration": (int, type(None)), "coverage": TEXT_OR_NONE, "detailed_status": dict, "archived": bool,
}


def typed(found, types):
    """Exactly these keys, in this order, each of its type."""
    values = found.asdict()
    assert list(values) == list(types), (list(values), list(types))
    for key, kind in types.items():
        kinds = kind if isinstance(kind, tuple) else (kind,)
        assert type(values[key]) in kinds, (key, values[key])


def promise_gives_every_value_its_type():
    pipeline = project.pipelines.get(SITE["pipeline"])
    typed(pipeline, PIPELINE | PIPELINE_END | {"name": TEXT_OR_NONE})
    for found in project.pipelines.list(get_all=True):
        typed(found, PIPELINE | {"name": TEXT_OR_NONE})
    for job in project.jobs.list(get_all=True) + pipeline.jobs.list(get_all=True, include_retried=True):
        failed = {"failure_reason": str} if job.status == "failed" else {}
        file = {"artifacts_file": dict} if job.attributes["artifacts"] else {}
        start = list(JOB_START.items())
        typed(job, dict(start[:17]) | failed | dict(start[17:]) | file | JOB_END)
    for bridge in pipeline.bridges.list(get_all=True):
        typed(bridge, JOB_START | {"downstream_pipeline": OBJECT_OR_NONE})
    runner = project.runners.list(get_all=True)[0]
    typed(runner, {
        "id": int, "description": TEXT_OR_NONE, "ip_address": type(None), "active": bool, "paused": bool,
        "is_shared": bool, "runner_type": str, "name": TEXT_OR_NONE, "online": (bool, type(None)),
        "created_by": OBJECT_OR_NONE, "created_at": str, "status": str, "job_execution_status": str,
    })


def promise_signs_in_and_learns_the_version():
    assert gl.user.username == "root"
    assert all(isinstance(text, str) and text for text in gl.version())


def promise_lists_all_jobs_page_by_page():
    listed = project.jobs.list(iterator=True, per_page=2)
    names = [job.name for job in listed]
    assert {"build", "broken", "held", "waiting", "running"} <= set(names), names
    ids = [job.id for job in project.jobs.list(get_all=True, per_page=1)]
    assert ids == sorted(ids, reverse=True) and len(ids) == len(names)


def promise_lists_jobs_with_keyset_pages():
    keyset = gitlab.Gitlab(SITE["url"], private_token=SITE["token"], pagination="keyset", order_by="id", per_page=2)
    names = [job.name for job in keyset.projects.get(project.id, lazy=True).jobs.list(iterator=True)]
    assert len(names) == len(project.jobs.list(get_all=True))


def promise_filters_by_scope():
    assert [job.name for job in project.jobs.list(scope="manual", get_all=True)] == ["held"]
    names = {job.name for job in project.jobs.list(scope=["manual", "pending"], get_all=True)}
    assert {"held", "waiting"} <= names, names


def promise_reads_one_job():
    job = project.jobs.get(jobs["build"])
    assert (job.status, job.stage, job.ref, job.tag) == ("success", "one", "main", False)
    assert job.pipeline["id"] == SITE["pipeline"] and job.commit["id"] and job.user["username"] == "root"
    assert job.artifacts_file["filename"] == "artifacts.zip"


def promise_reads_a_log_byte_for_byte():
    job = project.jobs.get(jobs["build"], lazy=True)
    assert job.trace() == SITE["log"].encode()
    parts = []
    job.trace(streamed=True, action=parts.append)
    assert b"".join(parts) == SITE["log"].encode()


def promise_downloads_artifacts():
    job = project.jobs.get(jobs["build"])
    archive = zipfile.ZipFile(io.BytesIO(job.artifacts()))
    assert sorted(archive.namelist()) == sorted(SITE["files"])
    for name, text in SITE["files"].items():
        assert job.artifact(name) == text.encode()
    by_ref = project.artifacts.download(ref_name="released", job="build")
    assert zipfile.ZipFile(io.BytesIO(by_ref)).namelist()
    raw = project.artifacts.raw(ref_name="released", artifact_path="dist/notes.txt", job="build")
    assert raw == SITE["files"]["dist/notes.txt"].encode()


def promise_streams_artifacts_in_parts():
    job = project.jobs.get(jobs["build"], lazy=True)
    parts = []
    job.artifacts(streamed=True, action=parts.append, chunk_size=7)
    assert zipfile.ZipFile(io.BytesIO(b"".join(parts))).namelist()
    iterated = b"".join(job.artifact("dist/bin.dat", iterator=True, chunk_size=3))
    assert iterated == SITE["files"]["dist/bin.dat"].encode()


def promise_cancels_retries_plays_and_erases():
    job = project.jobs.get(jobs["waiting"])
    job.cancel()
    job.refresh()
    assert job.status == "canceled"
    again = job.retry()
    assert again["id"] != job.id and again["status"] == "pending"
    held = project.jobs.get(jobs["held"])
    held.play()
    held.refresh()
    assert held.status == "pending"
    broken = project.jobs.get(jobs["broken"])
    try:
        broken.play()
        raise AssertionError("a job that is not manual was played")
    except gitlab.GitlabJobPlayError as error:
        assert error.response_code == 400 and "Unplayable Job" in error.error_message


def promise_keeps_and_deletes_artifacts():
    job = project.jobs.get(jobs["build"])
    job.keep_artifacts()
    job.erase()
    job.refresh()
    assert job.erased_at and job.asdict()["artifacts"] == []
    assert job.trace() == b"", job.trace()
    project.jobs.get(jobs["broken"], lazy=True).delete_artifacts()
    project.artifacts.delete()


def promise_works_with_pipelines():
    pipeline = project.pipelines.get(SITE["pipeline"])
    assert pipeline.ref == "main" and pipeline.detailed_status["group"]
    assert {job.name for job in pipeline.jobs.list(get_all=True, include_retried=True)} >= {"build", "waiting"}
    assert [bridge.name for bridge in pipeline.bridges.list(get_all=True)] == ["down"]
    assert [found.id for found in project.pipelines.list(sha=pipeline.sha, get_all=True)] == [pipeline.id]
    assert pipeline.test_report.get().total_count == 0
    assert pipeline.test_report_summary.get().total["count"] == 0
    made = project.pipelines.create({"ref": "released", "variables": [{"key": "A", "value": "b"}]})
    assert made.source == "api"
    assert [(v.key, v.value) for v in made.variables.list(get_all=True)] == [("A", "b")]
    made.cancel()
    made.refresh()
    assert made.status == "canceled"
    made.retry()
    assert project.pipelines.latest(ref="released").id == made.id
    made.cancel()
    made.delete()
    try:
        project.pipelines.get(made.id)
        raise AssertionError("a deleted pipeline is there")
    except gitlab.GitlabGetError as error:
        assert error.response_code == 404


def promise_starts_pipelines_by_trigger():
    trigger = project.triggers.create({"description": "bot"})
    assert trigger.token.startswith("glptt-")
    made = project.trigger_pipeline("released", trigger.token, variables={"A": "b"})
    assert made.source == "trigger"
    made.cancel()
    trigger.description = "robot"
    trigger.save()
    assert project.triggers.get(trigger.id).description == "robot"
    trigger.delete()
    assert project.triggers.list(get_all=True) == []


def promise_manages_variables():
    project.variables.create({"key": "A_KEY", "value": "a value"})
    variable = project.variables.get("A_KEY")
    variable.value = "another"
    variable.save()
    assert project.variables.get("A_KEY").value == "another"
    variable.delete()
    assert "A_KEY" not in [found.key for found in project.variables.list(get_all=True)]


def promise_plays_a_job_with_variables():
    made = project.pipelines.create({"ref": "main"})
    held = next(job for job in made.jobs.list(get_all=True) if job.name == "held")
    variables = [{"key": "COLOUR", "value": "red"}]
    path = f"/projects/{project.id}/jobs/{held.id}/play"
    played = gl.http_post(path, post_data={"job_variables_attributes": variables})
    assert played["status"] == "pending" and played["id"] == held.id
    made.cancel()


def promise_manages_runners():
    made = gl.user.runners.create({"runner_type": "project_type", "project_id": project.id, "tag_list": "a,b"})
    assert made.token.startswith("glrt-")
    gl.runners.verify(made.token)
    runner = gl.runners.get(made.id)
    assert sorted(runner.tag_list) == ["a", "b"] and runner.status == "never_contacted", runner.asdict()
    runner.description = "mine"
    runner.save()
    assert "mine" in [found.description for found in project.runners.list(get_all=True)]
    assert made.id in [found.id for found in gl.runners.list(get_all=True)]
    assert made.id in [found.id for found in gl.runners.all(get_all=True)]
    assert runner.jobs.list(get_all=True) == []
    runner.delete()
    try:
        gl.runners.get(made.id)
        raise AssertionError("a deleted runner is there")
    except gitlab.GitlabGetError as error:
        assert error.response_code == 404


def promise_manages_schedules():
    made = project.pipelineschedules.create({"description": "nightly", "ref": "released", "cron": "0 1 * * *"})
    assert [found.id for found in project.pipelineschedules.list(get_all=True, scope="active")] == [made.id]
    made.description = "weekly"
    made.cron = "0 1 * * 0"
    made.save()
    variable = made.variables.create({"key": "A", "value": "b"})
    variable.value = "c"
    variable.save()
    schedule = project.pipelineschedules.get(made.id)
    assert (schedule.description, schedule.active, schedule.owner["username"]) == ("weekly", True, "root")
    assert schedule.attributes["variables"] == [{"variable_type": "env_var", "key": "A", "value": "c", "raw": False}]
    schedule.take_ownership()
    assert schedule.play() == {"message": "201 Created"}
    run = until(lambda: schedule.pipelines.list(get_all=True))[0]
    assert (run.source, run.ref) == ("schedule", "released")
    project.pipelines.get(run.id).cancel()
    made.variables.delete("A")
    made.delete()
    assert project.pipelineschedules.list(get_all=True) == []


def promise_manages_variables_of_a_group_and_of_the_instance():
    group = gl.groups.create({"name": "team", "path": "team"})
    for level in (group.variables, gl.variables):
        level.create({"key": "LEVEL_KEY", "value": "a value"})
        variable = level.get("LEVEL_KEY")
        assert (variable.variable_type, variable.protected, variable.masked, variable.raw) == ("env_var", False, False, False)
        variable.value = "another"
        variable.save()
        assert ("LEVEL_KEY", "another") in [(found.key, found.value) for found in level.list(get_all=True)]
        variable.delete()
        assert "LEVEL_KEY" not in [found.key for found in level.list(get_all=True)]
    scoped = project.variables.create({"key": "SCOPED", "value": "x", "environment_scope": "prod"})
    project.variables.create({"key": "SCOPED", "value": "y"})
    only = {"environment_scope": "prod"}
    assert project.variables.get("SCOPED", filter=only).value == "x"
    assert scoped.environment_scope == "prod"
    project.variables.delete("SCOPED", filter=only)
    project.variables.delete("SCOPED")


def promise_assigns_and_registers_runners():
    other = gl.projects.create({"name": "runners"})
    made = gl.user.runners.create({"runner_type": "project_type", "project_id": other.id})
    project.runners.create({"runner_id": made.id})
    assert made.id in [found.id for found in project.runners.list(get_all=True, type="project_type", paused=False)]
    project.runners.delete(made.id)
    assert made.id not in [found.id for found in project.runners.list(get_all=True)]
    assert [found.id for found in gl.runners_all.list(get_all=True, status="never_contacted", tag_list=["none"])] == []
    group = gl.groups.create({"name": "runners", "path": "runners"})
    of_group = gl.user.runners.create({"runner_type": "group_type", "group_id": group.id})
    assert [found.id for found in group.runners.list(get_all=True, type="group_type")] == [of_group.id]
    token = gl.http_post("/runners/reset_registration_token")["token"]
    gl.http_put("/application/settings", post_data={"allow_runner_registration_token": True})
    registered = gl.runners.create({"token": token, "description": "old way", "tag_list": "a"})
    assert gl.runners.get(registered.id).description == "old way"
    gl.runners.delete(token=registered.token)
    running = project.runners.list(get_all=True, status="online")[0]
    assert "build" in [job.name for job in gl.runners.get(running.id).jobs.list(get_all=True, status="success")]


def promise_lets_in_projects_and_groups():
    scope = project.job_token_scope.get()
    other = gl.projects.create({"name": "let-in"})
    added = scope.allowlist.create({"target_project_id": other.id})
    assert (added.source_project_id, added.target_project_id) == (project.id, other.id)
    assert [found.get_id() for found in scope.allowlist.list(get_all=True)] == [project.id, other.id]
    scope.allowlist.delete(other.id)
    group = gl.groups.create({"name": "let-in", "path": "let-in-group"})
    scope.groups_allowlist.create({"target_group_id": group.id})
    assert [found.get_id() for found in scope.groups_allowlist.list(get_all=True)] == [group.id]
    scope.groups_allowlist.delete(group.id)
    assert scope.groups_allowlist.list(get_all=True) == []


def promise_filters_pipelines_and_their_jobs():
    pipeline = project.pipelines.get(SITE["pipeline"])
    assert [job.name for job in pipeline.jobs.list(get_all=True, scope=["failed"])] == ["broken"]
    assert pipeline.bridges.list(get_all=True, scope="failed") == []
    found = project.pipelines.list(get_all=True, status="success", ref="released", source="push", order_by="id", sort="asc")
    assert [one.status for one in found] == ["success"], found
    assert project.pipelines.list(get_all=True, username="nobody-at-all") == []
    assert project.pipelines.list(get_all=True, scope="branches", yaml_errors=False)
    assert project.pipelines.list(get_all=True, updated_after="2999-01-01T00:00:00Z") == []


def promise_orders_jobs_by_a_resource_group():
    config = "one: {script: [x], resource_group: line, tags: [nobody]}\ntwo: {script: [x], resource_group: line, tags: [nobody]}"
    action = {"action": "create", "file_path": ".gitlab-ci.yml", "content": config}
    gl.projects.create({"name": "line"}).commits.create({"branch": "main", "commit_message": "x", "actions": [action]})
    line = gl.projects.get("root/line")
    group = until(lambda: line.resource_groups.list(get_all=True))[0]
    assert (group.key, group.process_mode) == ("line", "unordered")
    assert [job.name for job in group.upcoming_jobs.list(get_all=True)] == ["two"]
    group.process_mode = "newest_first"
    group.save()
    assert line.resource_groups.get("line").process_mode == "newest_first"


def promise_reports_commit_statuses():
    commit = project.commits.get("main")
    commit.statuses.create({"state": "running", "name": "outside"})
    commit.statuses.create({"state": "success", "name": "outside", "target_url": "https://ci.example/1"})
    found = [one for one in commit.statuses.list(get_all=True) if one.name == "outside"]
    assert [(one.status, one.target_url) for one in found] == [("success", "https://ci.example/1")]
    assert commit.last_pipeline["id"]


def promise_lints():
    assert project.ci_lint.create({"content": "a: {script: [x]}"}).valid is True
    assert project.ci_lint.get().valid is True
    assert project.ci_lint.validate({"content": "a: {script: [x]}"}) is None


def promise_is_told_what_is_wrong():
    try:
        project.jobs.list(scope="old", get_all=True)
        raise AssertionError("an unknown scope was taken")
    except gitlab.GitlabListError as error:
        assert error.response_code == 400
    try:
        gitlab.Gitlab(SITE["url"], private_token="wrong").auth()
        raise AssertionError("a wrong token was taken")
    except gitlab.GitlabAuthenticationError as error:
        assert error.response_code == 401


def promise_manages_the_job_token_scope():
    scope = project.job_token_scope.get()
    assert scope.inbound_enabled is True
    scope.enabled = False
    scope.save()
    assert project.job_token_scope.get().inbound_enabled is False
    assert [found.id for found in project.job_token_scope.get().allowlist.list(get_all=True)] == [project.id]


results = {}
for name, function in list(globals().items()):
    if name.startswith("promise_"):
        try:
            function()
            results[name] = None
        except BaseException:
            results[name] = traceback.format_exc()
json.dump(results, sys.stdout)
