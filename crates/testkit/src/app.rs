//! The whole application behind its router, and a client that speaks to it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header, request::Builder},
    response::Response,
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokenry_authority::{
    Options,
    places::{NewGroup, NewMember, NewProject, UserName},
    tokens::Wanted,
    users::{NewUser, UserChange},
};
use tokenry_domain::{
    AccessLevel, Group, IfExists, Kind, Member, Place, PlaceName, Project, Scopes, TokenId, User,
    UserId, Visibility, expiry::Expires, place,
};
use tokenry_web::{Framed, WebOptions};
use tower::ServiceExt as _;

use crate::{
    AuthorityFixture, Engine, Fixture,
    fixture::{ROOT_TOKEN, profile},
};

/// A running application with one administrator, `root`.
#[derive(Debug)]
pub struct App {
    /// What is behind the router.
    pub fixture: AuthorityFixture,
    router: Framed<Router>,
}

impl Fixture for App {
    async fn set_up(engine: Engine) -> Self {
        Self::with_options(engine, Options::default(), WebOptions::default()).await
    }
}

impl App {
    /// With options of the test's own.
    pub async fn with_options(engine: Engine, options: Options, web: WebOptions) -> Self {
        let fixture = AuthorityFixture::with_options(engine, options).await;
        Self::over(fixture, web)
    }

    /// Over an authority that is there already.
    #[must_use]
    pub fn over(fixture: AuthorityFixture, web: WebOptions) -> Self {
        let router = tokenry_web::router(fixture.authority.clone(), web);
        Self { fixture, router }
    }

    /// The same data behind other options.
    #[must_use]
    pub fn rerouted(self, web: WebOptions) -> Self {
        Self::over(self.fixture, web)
    }

    /// Begins a `GET`.
    #[must_use]
    pub fn get(&self, path: &str) -> Asking {
        self.ask("GET", path)
    }

    /// Begins a `POST`.
    #[must_use]
    pub fn post(&self, path: &str) -> Asking {
        self.ask("POST", path)
    }

    /// Begins a `PUT`.
    #[must_use]
    pub fn put(&self, path: &str) -> Asking {
        self.ask("PUT", path)
    }

    /// Begins a `DELETE`.
    #[must_use]
    pub fn delete(&self, path: &str) -> Asking {
        self.ask("DELETE", path)
    }

    /// Begins a request with any method. A path without a slash in front is
    /// below `/api/v4/`.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str) -> Asking {
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/api/v4/{path}")
        };
        Asking {
            router: self.router.clone(),
            request: Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, "tokenry.test"),
            body: Body::empty(),
        }
    }

    /// A user with this username.
    pub async fn user(&self, username: &str) -> User {
        let new = NewUser {
            profile: profile(username),
            password: None,
        };
        let console = self.fixture.console();
        let created = self.fixture.authority.create_user(&console, new).await;
        created.unwrap()
    }

    /// A user with this username who is an administrator.
    pub async fn admin(&self, username: &str) -> User {
        let user = self.user(username).await;
        let change = UserChange {
            admin: Some(true),
            ..UserChange::default()
        };
        let console = self.fixture.console();
        let authority = &self.fixture.authority;
        authority
            .update_user(&console, user.id, change)
            .await
            .unwrap()
    }

    /// A private group of the console's, with no members, at this full path;
    /// the group above must be there.
    pub async fn group(&self, full_path: &str) -> Group {
        let (above, path) = split(full_path);
        let new = NewGroup {
            parent: above.map(|above| PlaceName::Path(above.to_owned())),
            profile: hidden(path),
        };
        let console = self.fixture.console();
        let created = self.fixture.authority.create_group(&console, new).await;
        created.unwrap()
    }

    /// A private project at this full path, in a group that must be there.
    pub async fn project(&self, full_path: &str) -> Project {
        let (above, path) = split(full_path);
        let (authority, console) = (&self.fixture.authority, self.fixture.console());
        let above = PlaceName::Path(above.expect("a project lies in a group").to_owned());
        let (group, _) = authority.group(&console, &above).await.unwrap();
        let new = NewProject {
            namespace: Some(group.id.namespace()),
            profile: hidden(path),
        };
        authority.create_project(&console, new).await.unwrap()
    }

    /// Makes a user a member.
    pub async fn member(&self, place: Place, user: UserId, level: AccessLevel) -> Member {
        let new = NewMember {
            user: UserName::Id(user),
            level,
            expires: None,
        };
        let console = self.fixture.console();
        let added = self
            .fixture
            .authority
            .add_member(&console, place.into(), new);
        added.await.unwrap().0
    }

    /// A personal token of a user with these scopes, separated by spaces: its
    /// id and its text.
    pub async fn token(&self, owner: UserId, scopes: &str) -> (TokenId, String) {
        self.token_of(Kind::Personal, owner, "a test's", scopes)
            .await
    }

    /// A token of any kind and name.
    pub async fn token_of(
        &self,
        kind: Kind,
        owner: UserId,
        name: &str,
        scopes: &str,
    ) -> (TokenId, String) {
        let wanted = Wanted {
            kind,
            owner,
            subject: None,
            name: name.to_owned(),
            description: None,
            scopes: Scopes::from_names(scopes.split_whitespace()).unwrap(),
            expires: Expires::default(),
            if_exists: IfExists::Add,
        };
        let console = self.fixture.console();
        let issued = self.fixture.authority.issue_token(&console, wanted).await;
        let issued = issued.unwrap();
        (issued.token.id, issued.text.reveal().to_owned())
    }

    /// The names of the actions in the audit trail, oldest first.
    pub async fn actions(&self) -> Vec<String> {
        let trail = self.fixture.trail().await;
        trail.into_iter().map(|entry| entry.action).collect()
    }
}

/// What a full path begins with, if it has several parts, and its last part.
fn split(full_path: &str) -> (Option<&str>, &str) {
    match full_path.rsplit_once('/') {
        Some((above, path)) => (Some(above), path),
        None => (None, full_path),
    }
}

/// What only members see.
fn hidden(path: &str) -> place::Profile {
    place::Profile {
        name: format!("The {path}"),
        path: path.to_owned(),
        description: None,
        visibility: Visibility::Private,
    }
}

/// A request on its way.
#[derive(Debug)]
pub struct Asking {
    router: Framed<Router>,
    request: Builder,
    body: Body,
}

impl Asking {
    /// With this token in the `PRIVATE-TOKEN` header.
    #[must_use]
    pub fn token(self, text: &str) -> Self {
        self.header("private-token", text)
    }

    /// With root's token.
    #[must_use]
    pub fn root(self) -> Self {
        self.token(ROOT_TOKEN)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name, value.as_ref());
        self
    }

    /// With a JSON body.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "tests read better without `&`"
    )]
    pub fn json(self, body: Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a form for a body.
    #[must_use]
    pub fn form(self, body: &'static str) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    /// With any body.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// With a body whose type isn't said.
    #[must_use]
    pub fn untyped(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// From this address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        let peer = ConnectInfo(SocketAddr::new(address, 40_000));
        self.request = self.request.extension(peer);
        self
    }

    /// Sends it, and leaves the body to be read.
    pub async fn open(self) -> Response {
        let request = self.request.body(self.body).unwrap();
        self.router.oneshot(request).await.unwrap()
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let (parts, body) = self.open().await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.into()).unwrap(),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The status as a number.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body; null if there is none.
    #[must_use]
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// A header's text; empty if it isn't there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the body, for comparing both at once.
    #[must_use]
    pub fn both(&self) -> (u16, Value) {
        (self.code(), self.json())
    }

    /// The rows of a list, by one of their fields.
    #[must_use]
    pub fn column(&self, field: &str) -> Vec<Value> {
        assert_eq!(self.code(), 200, "{}", self.text);
        let rows = self.json();
        let rows = rows.as_array().expect("a list").iter();
        rows.map(|row| row[field].clone()).collect()
    }
}
