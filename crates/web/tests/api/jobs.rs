//! `/projects/:id/jobs`, `/jobs/:id/finish` and `/job`.

use data_encoding::BASE64;
use serde_json::{Value, json};
use tokenry_domain::{AccessLevel, Place, User};
use tokenry_testkit::{App, Asking, both_engines};

use crate::{error, keys::read_offline, message, unauthorized};

/// A project, and a developer with a token.
struct Setting {
    place: Place,
    path: String,
    dev: User,
    token: String,
}

async fn setting(app: &App) -> Setting {
    app.group("team").await;
    let project = app.project("team/app").await;
    let dev = member(app, project.place(), "dev", AccessLevel::Developer).await;
    let (_, token) = app.token(dev.id, "api").await;
    Setting {
        place: project.place(),
        path: format!("projects/{}/jobs", project.id),
        dev,
        token,
    }
}

async fn member(app: &App, place: Place, username: &str, level: AccessLevel) -> User {
    let user = app.user(username).await;
    app.member(place, user.id, level).await;
    user
}

fn job(extra: Value) -> Value {
    let mut body = json!({ "name": "unit", "ref": "main" });
    let (Some(body_of), Value::Object(extra)) = (body.as_object_mut(), extra) else {
        panic!("objects");
    };
    body_of.extend(extra);
    body
}

/// A job, started by the developer: its id and its token.
async fn started(app: &App, setting: &Setting) -> (Value, String) {
    let answer = app.post(&setting.path).token(&setting.token);
    let answer = answer.json(job(json!({}))).send().await;
    assert_eq!(answer.code(), 201, "{}", answer.text);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    (answer.json()["id"].clone(), token)
}

fn finish(app: &App, id: &Value, status: &str) -> Asking {
    app.post(&format!("jobs/{id}/finish"))
        .json(json!({ "status": status }))
}

/// Where a job asks for the agents it may reach.
const REACH: &str = "job/allowed_agents";

fn own(app: &App, token: &str) -> Asking {
    app.get("job").header("job-token", token)
}

both_engines! {
    async fn a_developer_starts_a_job(app: App) {
        let setting = setting(&app).await;
        let before = app.actions().await.len();
        let answer = app
            .post(&setting.path)
            .token(&setting.token)
            .json(job(json!({ "timeout": 600 })))
            .send()
            .await;
        assert_eq!(answer.code(), 201);
        let mut body = answer.json();
        let token = body["token"].as_str().unwrap().to_owned();
        body["token"] = json!("[secret]");
        insta::assert_json_snapshot!("started", body);
        let trail = app.fixture.trail().await;
        assert_eq!(trail.len(), before + 1);
        let entry = trail.last().unwrap();
        assert_eq!(
            (entry.action.as_str(), &entry.target),
            ("holder_created", &("job".to_owned(), body["id"].as_i64()))
        );
        let told = entry.after.to_string();
        assert!(!told.contains(&token) && told.contains("\"hint\""), "{told}");
        insta::assert_json_snapshot!("own", own(&app, &token).send().await.json());
    }

    async fn others_can_check_its_token_offline(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        assert!(token.starts_with("glcbt-eyJ") && token.len() < 1_024, "{}", token.len());
        let mut claims = read_offline(&app, &token).await.unwrap();
        assert_eq!(claims["sub"], format!("gid://gitlab/Ci::Build/{id}"));
        let unique = claims["jti"].as_str().unwrap().to_owned();
        assert_eq!(unique.len(), 32);
        claims["jti"] = json!("[unique]");
        insta::assert_json_snapshot!("claims", claims);
        let (_, other) = started(&app, &setting).await;
        assert_ne!(read_offline(&app, &other).await.unwrap()["jti"], unique);
        let (statement, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = token.rsplit_once('.').unwrap();
        let forged = format!("{statement}.{signature}");
        assert_eq!(read_offline(&app, &forged).await, None);
        assert_eq!(own(&app, &forged).send().await.both(), unauthorized());
    }

    async fn a_new_server_key_leaves_tokens_as_they_are(app: App) {
        let setting = setting(&app).await;
        let (_, before) = started(&app, &setting).await;
        let console = app.fixture.console();
        let keep = |_: &_| Ok::<(), tokenry_authority::Error>(());
        app.fixture.authority.rotate_digest_key(&console, keep).await.unwrap();
        let (_, after) = started(&app, &setting).await;
        for token in [&before, &after] {
            assert!(read_offline(&app, token).await.is_some());
            assert_eq!(own(&app, token).send().await.code(), 200);
        }
        let keys = app.get("/oauth/discovery/keys").send().await.json();
        assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
    }

    async fn its_token_is_taken_wherever_gitlab_takes_it(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        let basic = |user: &str| BASE64.encode(format!("{user}:{token}").as_bytes());
        for asking in [
            own(&app, &token),
            app.get(&format!("job?job_token={token}")),
            app.get("job").header("authorization", format!("Bearer {token}")),
            app.get("job").header("authorization", format!("Basic {}", basic("gitlab-ci-token"))),
        ] {
            let answer = asking.send().await;
            assert_eq!((answer.code(), &answer.json()["id"]), (200, &id));
        }
        for asking in [
            app.get("job"),
            app.get("job").header("authorization", format!("Basic {}", basic("dev"))),
            app.get("job").header("authorization", "Basic !!!"),
            app.get("job").header("job-token", setting.token.clone()),
            own(&app, "glcbt-eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2ln"),
        ] {
            assert_eq!(asking.send().await.both(), unauthorized());
        }
        let with_personal = app.get("job").token(&setting.token).send().await;
        assert_eq!(with_personal.both(), message(404, "404 Job Not Found"));
    }

    async fn it_reaches_the_agents_of_its_own_project(app: App) {
        let (team, tools) = (app.group("team").await, app.group("team/tools").await);
        let (project, other) = (app.project("team/tools/cd").await, app.project("team/app").await);
        let dev = member(&app, team.place(), "dev", AccessLevel::Developer).await;
        let (_, token) = app.token(dev.id, "api").await;
        let agent = async |place: i64, name: &str| {
            let path = format!("projects/{place}/cluster_agents");
            app.post(&path).root().json(json!({ "name": name })).send().await.json()["id"].clone()
        };
        let (first, second) = (agent(project.id.get(), "prod").await, agent(project.id.get(), "test").await);
        agent(other.id.get(), "elsewhere").await;
        let path = format!("projects/{}/jobs", project.id);
        let started = app.post(&path).token(&token).json(job(json!({}))).send().await.json();
        let job_token = started["token"].as_str().unwrap();
        let before = app.actions().await;
        let reach = async || app.get(REACH).header("job-token", job_token).send().await;
        let answer = reach().await;
        insta::assert_json_snapshot!("reach", answer.json());
        let body = answer.json();
        assert_eq!(body["project"]["groups"], json!([{ "id": tools.id }, { "id": team.id }]));
        let ids: Vec<_> = body["allowed_agents"].as_array().unwrap().iter().map(|agent| &agent["id"]).collect();
        assert_eq!(ids, [&first, &second]);
        assert_eq!(app.actions().await, before);

        let membership = format!("groups/{}/members/{}", team.id, dev.id);
        app.put(&membership).root().json(json!({ "access_level": 20 })).send().await;
        let less = reach().await.json();
        assert_eq!(less["allowed_agents"], json!([]), "its user sees no agents");
        assert_eq!(less["user"]["roles_in_project"], json!(["guest", "planner", "reporter"]));
        finish(&app, &started["id"], "success").root().send().await;
        assert_eq!(reach().await.code(), 401);
    }

    async fn only_a_job_reaches_agents(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        for asking in [
            app.get(REACH).header("job-token", &token),
            app.get(&format!("{REACH}?job_token={token}")),
            app.get(REACH).header("authorization", format!("Bearer {token}")),
        ] {
            let answer = asking.send().await;
            assert_eq!((answer.code(), &answer.json()["job"]["id"]), (200, &id));
        }
        for asking in [app.get(REACH), app.get(REACH).header("job-token", setting.token.clone())] {
            assert_eq!(asking.send().await.both(), unauthorized());
        }
        let no_job = message(404, "404 Job Not Found");
        for token in [setting.token.as_str(), tokenry_testkit::fixture::ROOT_TOKEN] {
            assert_eq!(app.get(REACH).token(token).send().await.both(), no_job);
        }
    }

    async fn its_token_opens_nothing_else(app: App) {
        let setting = setting(&app).await;
        let (_, token) = started(&app, &setting).await;
        for (method, path) in [
            ("GET", "user"),
            ("GET", "personal_access_tokens/self"),
            ("DELETE", "personal_access_tokens/self"),
            ("GET", setting.path.as_str()),
            ("POST", setting.path.as_str()),
        ] {
            for header in ["private-token", "job-token"] {
                let asking = app.ask(method, path).header(header, &token);
                assert_eq!(asking.send().await.both(), unauthorized(), "{method} {path}");
            }
        }
    }

    async fn finishing_ends_job_and_token(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        app.fixture.clock.advance(90);
        let before = app.actions().await.len();
        let answer = finish(&app, &id, "success").token(&setting.token).send().await;
        assert_eq!(answer.code(), 200, "{}", answer.text);
        insta::assert_json_snapshot!("finished", answer.json());
        assert_eq!(app.actions().await[before..], ["holder_ended"]);
        assert_eq!(own(&app, &token).send().await.code(), 401);
        let again = finish(&app, &id, "failed").token(&setting.token).send().await;
        assert_eq!(again.both(), message(403, "403 Forbidden - Job is not running"));
        let shown = app.get(&format!("{}/{id}", setting.path)).token(&setting.token).send().await;
        assert_eq!(shown.both(), answer.both());
        assert_eq!(app.actions().await.len(), before + 1);
    }

    async fn a_job_finishes_itself_and_no_other(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        let (other, _) = started(&app, &setting).await;
        for id in [&other, &json!(4_711)] {
            let answer = finish(&app, id, "canceled").header("job-token", &token).send().await;
            assert_eq!(answer.both(), message(404, "404 Job Not Found"));
        }
        let answer = finish(&app, &id, "failed").header("job-token", &token).send().await;
        assert_eq!((answer.code(), &answer.json()["failure_reason"]), (200, &json!("unknown_failure")));
        let again = finish(&app, &id, "failed").header("job-token", &token).send().await;
        assert_eq!(again.code(), 401);
        let running = app.get(&format!("{}/{other}", setting.path)).token(&setting.token);
        assert_eq!(running.send().await.json()["status"], "running");
    }

    async fn its_time_runs_out(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        app.fixture.clock.advance(3_600 + 300);
        assert_eq!(own(&app, &token).send().await.json()["status"], "running");
        let before = app.actions().await;
        app.fixture.clock.advance(1);
        assert_eq!(own(&app, &token).send().await.code(), 401);
        let shown = app.get(&format!("{}/{id}", setting.path)).token(&setting.token).send().await;
        insta::assert_json_snapshot!("timed_out", shown.json());
        let late = finish(&app, &id, "success").token(&setting.token).send().await;
        assert_eq!(late.both(), message(403, "403 Forbidden - Job is not running"));
        assert_eq!(app.actions().await, before, "nothing sweeps");
    }

    async fn roles_decide(app: App) {
        let setting = setting(&app).await;
        let (id, _) = started(&app, &setting).await;
        let reporter = member(&app, setting.place, "rae", AccessLevel::Reporter).await;
        let (_, reporter) = app.token(reporter.id, "api").await;
        let stranger = app.user("eve").await;
        let (_, stranger) = app.token(stranger.id, "api").await;
        let one = format!("{}/{id}", setting.path);
        let (_, reader) = app.token(setting.dev.id, "read_api").await;
        let before = app.actions().await;
        for (asking, for_reporters, for_strangers) in [
            (("GET", setting.path.as_str()), 403, "Project"),
            (("POST", setting.path.as_str()), 403, "Project"),
            (("GET", one.as_str()), 403, "Project"),
            (("POST", &format!("jobs/{id}/finish")), 403, "Job"),
        ] {
            let (method, path) = asking;
            let ask = |token: &str| {
                let asking = app.ask(method, path).token(token);
                if method == "POST" { asking.json(job(json!({ "status": "success" }))) } else { asking }
            };
            assert_eq!(ask(&reporter).send().await.code(), for_reporters, "{method} {path}");
            let hidden = message(404, &format!("404 {for_strangers} Not Found"));
            assert_eq!(ask(&stranger).send().await.both(), hidden, "{method} {path}");
        }
        assert_eq!(app.get(&one).token(&reader).send().await.code(), 200);
        assert_eq!(app.post(&setting.path).token(&reader).send().await.code(), 403);
        assert_eq!(app.actions().await, before);
    }

    async fn maintainers_name_whom_it_runs_for(app: App) {
        let setting = setting(&app).await;
        let chief = member(&app, setting.place, "chief", AccessLevel::Maintainer).await;
        let (_, chief) = app.token(chief.id, "api").await;
        member(&app, setting.place, "rae", AccessLevel::Reporter).await;
        let start = async |token: &str, user: Value| {
            let body = job(json!({ "user": user }));
            app.post(&setting.path).token(token).json(body).send().await
        };
        for user in [json!("dev"), json!(setting.dev.id), json!("DEV")] {
            let answer = start(&chief, user).await;
            assert_eq!((answer.code(), &answer.json()["user"]["username"]), (201, &json!("dev")));
        }
        let own = start(&setting.token, json!("dev")).await;
        assert_eq!(own.code(), 201);
        let before = app.actions().await;
        assert_eq!(start(&setting.token, json!("chief")).await.code(), 403);
        let problem = json!({ "message": { "user": ["must be an active developer of the project"] } });
        assert_eq!(start(&chief, json!("rae")).await.both(), (400, problem));
        assert_eq!(start(&chief, json!("nobody")).await.both(), message(404, "404 User Not Found"));
        assert_eq!(start(&chief, json!(4_711)).await.both(), message(404, "404 User Not Found"));
        assert_eq!(app.actions().await, before);
    }

    async fn bad_values_start_nothing(app: App) {
        let setting = setting(&app).await;
        let before = app.actions().await;
        let start = async |body: Value| {
            app.post(&setting.path).token(&setting.token).json(body).send().await
        };
        assert_eq!(start(json!({})).await.both(), error(400, "name is missing, ref is missing"));
        let odd = json!({ "name": ["x"], "ref": {}, "timeout": "soon", "user": "a\u{7}" });
        assert_eq!(start(odd).await.both(), error(400, "name is invalid, ref is invalid, user is invalid, timeout is invalid"));
        for (extra, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "name": "x".repeat(10_000) }), "name"),
            (json!({ "ref": "a\u{0}b" }), "ref"),
            (json!({ "ref": "x".repeat(256) }), "ref"),
            (json!({ "timeout": 59 }), "timeout"),
            (json!({ "timeout": 604_801 }), "timeout"),
            (json!({ "timeout": -1 }), "timeout"),
        ] {
            let answer = start(job(extra)).await;
            assert_eq!(answer.code(), 400, "{field}");
            assert!(answer.json()["message"][field].is_array(), "{field}: {}", answer.text);
        }
        for (status, problem) in [
            (json!(null), "status is missing"),
            (json!("running"), "status does not have a valid value"),
            (json!([]), "status is invalid"),
        ] {
            let asking = app.post("jobs/1/finish").token(&setting.token);
            let answer = asking.json(json!({ "status": status })).send().await;
            assert_eq!(answer.both(), error(400, problem));
        }
        assert_eq!(app.actions().await, before);
    }

    async fn the_longest_names_still_fit_a_token(app: App) {
        let setting = setting(&app).await;
        let body = job(json!({ "name": "名".repeat(255), "ref": "名".repeat(255) }));
        let answer = app.post(&setting.path).token(&setting.token).json(body).send().await;
        assert_eq!(answer.code(), 201, "{}", answer.text);
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(own(&app, &token).send().await.code(), 200);
    }

    async fn jobs_are_listed_the_latest_first(app: App) {
        let setting = setting(&app).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(started(&app, &setting).await.0);
        }
        let list = async |query: &str| {
            let path = format!("{}?{query}", setting.path);
            app.get(&path).token(&setting.token).send().await
        };
        let all = list("").await;
        assert_eq!(all.header("x-total"), "3");
        assert_eq!(list("sort=asc").await.column("id"), ids);
        ids.reverse();
        assert_eq!(all.column("id"), ids);
        assert_eq!(all.column("token"), [Value::Null, Value::Null, Value::Null]);
        let first = list("pagination=keyset&per_page=2").await;
        assert_eq!(first.column("id"), ids[..2]);
        let next = first.header("link").split(['<', '>']).nth(1).unwrap().to_owned();
        let next = next.strip_prefix("http://tokenry.test").unwrap().to_owned();
        assert_eq!(app.get(&next).token(&setting.token).send().await.column("id"), ids[2..]);
    }

    async fn a_job_is_shown_in_its_own_project_only(app: App) {
        let setting = setting(&app).await;
        let (id, _) = started(&app, &setting).await;
        let other = app.project("team/other").await;
        for (path, expected) in [
            (format!("projects/{}/jobs/{id}", other.id), "404 Job Not Found"),
            (format!("{}/4711", setting.path), "404 Job Not Found"),
            (format!("projects/4711/jobs/{id}"), "404 Project Not Found"),
        ] {
            assert_eq!(app.get(&path).root().send().await.both(), message(404, expected), "{path}");
        }
        let by_path = app.get(&format!("projects/team%2Fapp/jobs/{id}")).root().send().await;
        assert_eq!((by_path.code(), &by_path.json()["id"]), (200, &id));
    }

    async fn a_found_token_ends_its_job(app: App) {
        let setting = setting(&app).await;
        let (id, token) = started(&app, &setting).await;
        let body = json!({ "token": token });
        let told = app.post("admin/token").root().json(body.clone()).send().await;
        assert_eq!(told.code(), 200);
        insta::assert_json_snapshot!("identified", told.json());
        let before = app.actions().await.len();
        for _ in 0..2 {
            let ended = app.delete("admin/token").root().json(body.clone()).send().await;
            assert_eq!((ended.code(), ended.text.as_str()), (204, ""));
        }
        assert_eq!(app.actions().await[before..], ["holder_ended"]);
        assert_eq!(own(&app, &token).send().await.code(), 401);
        let shown = app.get(&format!("{}/{id}", setting.path)).token(&setting.token).send().await;
        assert_eq!(shown.json()["status"], "canceled");
    }

    async fn a_token_named_by_its_id_ends_its_job(app: App) {
        let setting = setting(&app).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        for (delete, action) in [(false, "holder_ended"), (true, "token_deleted")] {
            let (job, token) = started(&app, &setting).await;
            let id = authority.identify_token(&console, &token).await.unwrap().id;
            let before = app.actions().await.len();
            if delete {
                authority.delete_token(&console, id).await.unwrap();
            } else {
                authority.revoke_token(&console, id).await.unwrap();
            }
            assert_eq!(app.actions().await[before..], [action]);
            assert_eq!(own(&app, &token).send().await.code(), 401);
            let shown = app.get(&format!("{}/{job}", setting.path)).token(&setting.token).send().await;
            assert_eq!(shown.json()["status"], "canceled", "{action}");
        }
        let trail = app.fixture.trail().await;
        assert_eq!(trail.last().unwrap().before["job_canceled"], 2);
    }

    async fn a_token_deleted_after_its_job_changes_no_outcome(app: App) {
        let setting = setting(&app).await;
        let (authority, console) = (&app.fixture.authority, app.fixture.console());
        let (job, token) = started(&app, &setting).await;
        let id = authority.identify_token(&console, &token).await.unwrap().id;
        assert_eq!(finish(&app, &job, "success").token(&setting.token).send().await.code(), 200);
        authority.delete_token(&console, id).await.unwrap();
        let shown = app.get(&format!("{}/{job}", setting.path)).token(&setting.token).send().await;
        assert_eq!(shown.json()["status"], "success");
    }

    async fn of_two_endings_at_once_one_counts(app: App) {
        let setting = setting(&app).await;
        let (id, _) = started(&app, &setting).await;
        let before = app.actions().await.len();
        let ask = |status| finish(&app, &id, status).token(&setting.token).send();
        let (one, two) = tokio::join!(ask("success"), ask("failed"));
        let mut codes = [one.code(), two.code()];
        codes.sort_unstable();
        assert_eq!(codes, [200, 403]);
        assert_eq!(app.actions().await[before..], ["holder_ended"]);
    }

    async fn who_is_blocked_runs_no_more(app: App) {
        let setting = setting(&app).await;
        let (_, token) = started(&app, &setting).await;
        let console = app.fixture.console();
        let block = tokenry_domain::user::StateChange::Block;
        app.fixture.authority.change_user_state(&console, setting.dev.id, block).await.unwrap();
        assert_eq!(own(&app, &token).send().await.code(), 403);
    }
}
