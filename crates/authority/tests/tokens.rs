//! Who may do what with tokens, and what comes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod common;

use common::{agree, bearer, code, enter, impersonate, issue, root, row, user, wanted};
use jiff::civil::date;
use tokenry_authority::{Authority, Caller, Options, tokens::Wanted, users::UserChange};
use tokenry_domain::{
    DeleteMeans, Kind, Scope, Scopes, TokenId, UserId,
    access::Need,
    audit::Origin,
    expiry::Expires,
    page::{PerPage, Position, SortValue, Window},
    settings::SettingsChange,
    token_filter::{TokenFilter, TokenOrder},
};
use tokenry_testkit::{AuthorityFixture, Engine, both_engines, fixture::ROOT_TOKEN};

/// What each caller is told for the same act, in the order console, root,
/// owner, impersonator of the owner, another user.
async fn told(fixture: &AuthorityFixture, kind: Kind, act: &str) -> Vec<&'static str> {
    let ida = fixture.authority.find_user("ida").await.unwrap().id;
    let mut answers = Vec::new();
    for who in 0..5 {
        let own = issue(fixture, ida).await;
        let acting = impersonate(fixture, ida).await;
        let other = issue(
            fixture,
            fixture.authority.find_user("bob").await.unwrap().id,
        )
        .await;
        let caller = match who {
            0 => fixture.console(),
            1 => root(fixture).await,
            2 => bearer(fixture, &own).await,
            3 => bearer(fixture, &acting).await,
            _ => bearer(fixture, &other).await,
        };
        let id = if kind == Kind::Personal {
            own.token.id
        } else {
            acting.token.id
        };
        let before = (row(fixture, id).await, fixture.trail().await.len());
        let authority = &fixture.authority;
        let told = match act {
            "show" => code(&authority.show_token(&caller, id).await),
            "rotate" => code(&authority.rotate_token(&caller, id, None).await),
            "revoke" => code(&authority.revoke_token(&caller, id).await),
            _ => code(&authority.delete_token(&caller, id).await),
        };
        if told != "ok" {
            assert_eq!(
                (row(fixture, id).await, fixture.trail().await.len()),
                before,
                "{act} was refused and changed nothing"
            );
        }
        agree(
            fixture,
            [own.text.reveal(), acting.text.reveal(), other.text.reveal()],
        )
        .await;
        answers.push(told);
    }
    answers
}

fn page(number: u64) -> Window {
    Window::Page {
        number,
        per_page: PerPage::MOST,
    }
}

async fn listed(
    authority: &Authority,
    caller: &Caller,
    filter: TokenFilter,
) -> Result<Vec<TokenId>, tokenry_authority::Error> {
    let page = authority
        .list_tokens(caller, filter, TokenOrder::default(), &page(1))
        .await?;
    Ok(page.rows.iter().map(|token| token.id).collect())
}

both_engines! {
    async fn a_personal_token_is_its_owners_and_the_administrators(fixture: AuthorityFixture) {
        user(&fixture, "ida").await;
        user(&fixture, "bob").await;
        for act in ["show", "rotate", "revoke", "delete"] {
            assert_eq!(told(&fixture, Kind::Personal, act).await, ["ok", "ok", "ok", "ok", "not_permitted"], "{act}");
        }
    }

    async fn an_impersonation_token_is_not_its_owners(fixture: AuthorityFixture) {
        user(&fixture, "ida").await;
        user(&fixture, "bob").await;
        assert_eq!(told(&fixture, Kind::Impersonation, "show").await, ["ok", "ok", "not_permitted", "not_permitted", "not_permitted"]);
        // Whoever holds a token may end or rotate that very one.
        for act in ["rotate", "revoke", "delete"] {
            assert_eq!(told(&fixture, Kind::Impersonation, act).await, ["ok", "ok", "not_permitted", "ok", "not_permitted"], "{act}");
        }
    }

    async fn a_token_that_is_not_there_is_not_found(fixture: AuthorityFixture) {
        let (authority, root) = (&fixture.authority, root(&fixture).await);
        let id = TokenId::from_row(999);
        let before = fixture.trail().await.len();
        assert_eq!(code(&authority.show_token(&root, id).await), "token_not_found");
        assert_eq!(code(&authority.rotate_token(&root, id, None).await), "token_not_found");
        assert_eq!(code(&authority.revoke_token(&root, id).await), "token_not_found");
        assert_eq!(code(&authority.delete_token(&root, id).await), "token_not_found");
        assert_eq!(fixture.trail().await.len(), before);
    }

    async fn only_administrators_issue_for_others(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await;
        let caller = bearer(&fixture, &issue(&fixture, ida.id).await).await;
        assert_eq!(code(&authority.issue_token(&caller, wanted(ida.id, "x")).await), "admin_only");
        let root = root(&fixture).await;
        assert_eq!(code(&authority.issue_token(&root, wanted(ida.id, "x")).await), "ok");
        assert_eq!(code(&authority.issue_token(&root, wanted(UserId::from_row(77), "x")).await), "user_not_found");
        let sudo = Wanted { scopes: Scopes::of(&[Scope::Sudo]), ..wanted(ida.id, "x") };
        assert_eq!(code(&authority.issue_token(&root, sudo).await), "invalid");
    }

    async fn anybody_gives_themselves_the_few_scopes_and_no_more(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let (ida, bob) = (user(&fixture, "ida").await, user(&fixture, "bob").await);
        let caller = bearer(&fixture, &issue(&fixture, ida.id).await).await;
        let own = |scopes| Wanted { scopes, ..wanted(ida.id, "own") };
        let few = Scopes::of(&[Scope::K8sProxy, Scope::SelfRotate]);
        let issued = authority.issue_own_token(&caller, own(few)).await.unwrap();
        assert_eq!(bearer(&fixture, &issued).await.scopes(), few);
        for refused in [
            own(Scopes::of(&[Scope::Api])),
            own(few.with(Scope::ReadApi)),
            Wanted { owner: bob.id, ..own(few) },
            Wanted { kind: Kind::Impersonation, ..own(few) },
        ] {
            assert_eq!(code(&authority.issue_own_token(&caller, refused).await), "not_permitted");
        }
        assert_eq!(code(&authority.issue_own_token(&fixture.console(), own(few)).await), "not_permitted");
        assert_eq!(code(&authority.issue_own_token(&caller, own(Scopes::NONE)).await), "invalid");
    }

    async fn others_see_their_own_tokens_and_no_impersonation(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let (ida, bob) = (user(&fixture, "ida").await, user(&fixture, "bob").await);
        let own = issue(&fixture, ida.id).await;
        let acting = impersonate(&fixture, ida.id).await;
        let bobs = issue(&fixture, bob.id).await;
        let caller = bearer(&fixture, &own).await;
        let of = |owner| TokenFilter { owner, ..TokenFilter::default() };
        for filter in [of(None), of(Some(ida.id))] {
            assert_eq!(listed(authority, &caller, filter.clone()).await.unwrap(), [own.token.id]);
            assert_eq!(listed(authority, &bearer(&fixture, &acting).await, filter).await.unwrap(), [own.token.id]);
        }
        for other in [bob.id, UserId::from_row(999)] {
            assert_eq!(code(&listed(authority, &caller, of(Some(other))).await), "not_permitted");
        }
        let root = root(&fixture).await;
        let feed = authority.renew_sole_token(&root, Kind::Feed).await.unwrap().token.id;
        for (kind, told) in [(Kind::Impersonation, acting.token.id), (Kind::Feed, feed)] {
            let of_kind = TokenFilter { kinds: vec![kind], ..of(None) };
            assert_eq!(code(&listed(authority, &caller, of_kind.clone()).await), "not_permitted");
            assert_eq!(listed(authority, &root, of_kind).await.unwrap(), [told]);
        }
        let all = [TokenId::from_row(1), own.token.id, acting.token.id, bobs.token.id];
        assert_eq!(listed(authority, &root, of(None)).await.unwrap(), all);
        assert_eq!(listed(authority, &root, of(Some(ida.id))).await.unwrap(), [own.token.id, acting.token.id]);
        assert_eq!(code(&listed(authority, &root, of(Some(UserId::from_row(999)))).await), "user_not_found");
    }

    async fn windows_that_make_no_sense_are_refused_before_the_database(fixture: AuthorityFixture) {
        let (authority, root) = (&fixture.authority, root(&fixture).await);
        let list = async |order: &str, window: Window, words: Vec<String>| {
            let order = TokenOrder::from_name(order).unwrap();
            let filter = TokenFilter { words, ..TokenFilter::default() };
            code(&authority.list_tokens(&root, filter, order, &window).await)
        };
        assert_eq!(list("id_asc", page(500), vec![]).await, "ok");
        assert_eq!(list("id_asc", page(501), vec![]).await, "too_deep");
        assert_eq!(list("id_asc", page(u64::MAX), vec![]).await, "too_deep");
        let after = |value| Window::After { position: Some(Position { value, id: 1 }), per_page: PerPage::MOST };
        for order in TokenOrder::all() {
            let by_name = order.name().starts_with("name");
            let (right, wrong) = if by_name { ("ok", "broken_cursor") } else { ("broken_cursor", "ok") };
            assert_eq!(list(order.name(), after(SortValue::Text("x".into())), vec![]).await, right);
            assert_eq!(list(order.name(), after(SortValue::Number(5)), vec![]).await, wrong);
        }
        assert_eq!(list("id_asc", page(1), vec!["x".repeat(255)]).await, "ok");
        assert_eq!(list("id_asc", page(1), vec!["x".repeat(100_000)]).await, "invalid");
        assert_eq!(list("id_asc", page(1), vec!["x".into(); 5_000]).await, "invalid");
        assert_eq!(list("id_asc", page(1), vec!["x\0".into()]).await, "ok");
    }

    async fn expiry_dates_follow_the_policy(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let console = fixture.console();
        let ida = user(&fixture, "ida").await.id;
        let expires = async |wanted_date| {
            let wanted = Wanted { expires: Expires::On(wanted_date), ..wanted(ida, "x") };
            authority.issue_token(&console, wanted).await.map(|issued| issued.token.life.expires_at.map(|at| at.to_string()))
        };
        assert_eq!(expires(None).await.unwrap().unwrap(), "2032-04-04T00:00:00Z");
        for bad in [date(2031, 4, 5), date(1999, 1, 1), date(9999, 12, 31), date(2032, 4, 5)] {
            assert_eq!(code(&expires(Some(bad)).await), "invalid", "{bad}");
        }
        let optional = SettingsChange { require_personal_access_token_expiry: Some(false), ..SettingsChange::default() };
        authority.change_settings(&console, optional).await.unwrap();
        assert_eq!(expires(None).await.unwrap(), None);
        let endless = issue(&fixture, ida).await.token.id;
        assert_eq!(authority.rotate_token(&console, endless, None).await.unwrap().token.life.expires_at, None);
    }

    async fn a_token_dies_at_midnight_of_its_date(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let tomorrow = Wanted { expires: Expires::On(Some(date(2031, 4, 6))), ..wanted(ida, "x") };
        let issued = fixture.authority.issue_token(&fixture.console(), tomorrow).await.unwrap();
        fixture.clock.advance(12 * 3600 - 1);
        assert_eq!(code(&enter(&fixture, issued.text.reveal()).await), "ok");
        fixture.clock.advance(1);
        assert_eq!(code(&enter(&fixture, issued.text.reveal()).await), "credential_expired");
        // What is expired and revoked is told that it is expired.
        fixture.authority.revoke_token(&fixture.console(), issued.token.id).await.unwrap();
        assert_eq!(code(&enter(&fixture, issued.text.reveal()).await), "credential_expired");
    }

    async fn a_token_is_good_for_its_scopes_only(fixture: AuthorityFixture) {
        let ida = user(&fixture, "ida").await.id;
        let reader = Wanted { scopes: Scopes::of(&[Scope::ReadApi]), ..wanted(ida, "x") };
        let issued = fixture.authority.issue_token(&fixture.console(), reader).await.unwrap();
        let with = async |need| code(&fixture.authority.authenticate(issued.text.reveal(), need, Origin::default()).await);
        assert_eq!((with(Need::Read).await, with(Need::ReadUsers).await, with(Need::Own).await), ("ok", "ok", "ok"));
        for need in [Need::Write, Need::RotateSelf, Need::Sudo] {
            assert_eq!(with(need).await, "insufficient_scope");
        }
    }

    async fn texts_that_are_no_tokens_are_unknown(fixture: AuthorityFixture) {
        let issued = issue(&fixture, UserId::from_row(1)).await;
        let text = issued.text.reveal();
        let long = "x".repeat(1 << 20);
        let bad_checksum = format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
        for bad in ["", " ", "glpat-", "root", &text[..text.len() - 1], &text.to_uppercase(), &format!(" {text}"), &format!("{text}\0"), &long, &bad_checksum, "glpat-neverIssuedHere00001"] {
            assert_eq!(code(&enter(&fixture, bad).await), "credential_unknown", "{bad:.60}");
        }
        assert_eq!(code(&enter(&fixture, text).await), "ok");
    }

    async fn a_found_text_is_identified_and_revoked_whatever_its_prefix(fixture: AuthorityFixture) {
        let (authority, console) = (&fixture.authority, fixture.console());
        let first = issue(&fixture, UserId::from_row(1)).await;
        let new_prefix = |text: &str| SettingsChange { personal_access_token_prefix: Some(text.into()), ..SettingsChange::default() };
        authority.change_settings(&console, new_prefix("lab-")).await.unwrap();
        let second = issue(&fixture, UserId::from_row(1)).await;
        assert!(second.text.reveal().starts_with("lab-"));
        authority.change_settings(&console, new_prefix("new-")).await.unwrap();
        for (text, id) in [(first.text.reveal(), first.token.id), (second.text.reveal(), second.token.id), (ROOT_TOKEN, TokenId::from_row(1))] {
            assert_eq!(authority.identify_token(&console, text).await.unwrap().id, id);
            assert_eq!(code(&enter(&fixture, text).await), "ok");
        }
        assert_eq!(authority.end_by_text(&console, second.text.reveal(), DeleteMeans::Revoke).await.unwrap(), second.token.id);
        assert_eq!(code(&enter(&fixture, second.text.reveal()).await), "credential_revoked");
        assert!(authority.identify_token(&console, second.text.reveal()).await.unwrap().revoked, "dead ones are identified too");
        authority.end_by_text(&console, second.text.reveal(), DeleteMeans::Revoke).await.expect("once more changes nothing");
        assert_eq!(code(&authority.identify_token(&console, "ghp_abcdefghijklmnopqrst").await), "no_known_prefix");
        assert_eq!(code(&authority.identify_token(&console, "glpat-neverIssuedHere00001").await), "token_not_found");
        let ida = user(&fixture, "ida").await.id;
        let caller = bearer(&fixture, &issue(&fixture, ida).await).await;
        assert_eq!(code(&authority.identify_token(&caller, ROOT_TOKEN).await), "admin_only");
        assert_eq!(code(&authority.end_by_text(&caller, ROOT_TOKEN, DeleteMeans::Delete).await), "admin_only");
        let again = fixture.reopened(Options::default()).await;
        assert_eq!(code(&enter(&again, first.text.reveal()).await), "ok");
        assert_eq!(code(&enter(&again, second.text.reveal()).await), "credential_revoked");
    }

    async fn in_admin_mode_an_administrator_needs_the_scope(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let plain = issue(&fixture, UserId::from_row(1)).await;
        assert!(bearer(&fixture, &plain).await.is_admin());
        let on = SettingsChange { admin_mode: Some(true), ..SettingsChange::default() };
        authority.change_settings(&fixture.console(), on).await.unwrap();
        assert!(!bearer(&fixture, &plain).await.is_admin());
        assert!(root(&fixture).await.is_admin(), "this one has the scope");
        let caller = bearer(&fixture, &plain).await;
        assert_eq!(code(&authority.show_settings(&caller)), "admin_only");
    }

    async fn sudo_is_for_administrators_whose_token_says_so(fixture: AuthorityFixture) {
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await;
        let sudo = async |caller: Caller, who: &str| authority.sudo(caller, who).await;
        let as_ida = sudo(root(&fixture).await, "IDA").await.unwrap();
        assert!(as_ida.is(ida.id) && !as_ida.is_admin());
        assert_eq!(as_ida.actor().on_behalf, Some(UserId::from_row(1)));
        assert!(sudo(root(&fixture).await, &ida.id.to_string()).await.unwrap().is(ida.id));
        for nobody in ["nobody", "999", "", "-1", "a\0b", "99999999999999999999999"] {
            assert_eq!(code(&sudo(root(&fixture).await, nobody).await), "user_not_found", "{nobody:?}");
        }
        let without_scope = bearer(&fixture, &issue(&fixture, UserId::from_row(1)).await).await;
        assert_eq!(code(&sudo(without_scope, "ida").await), "insufficient_scope");
        let no_admin = bearer(&fixture, &issue(&fixture, ida.id).await).await;
        assert_eq!(code(&sudo(no_admin, "root").await), "admin_only");
        assert_eq!(code(&sudo(as_ida, "root").await), "admin_only", "once is enough");
    }

    async fn tokens_can_be_switched_off_and_on_again(fixture: AuthorityFixture) {
        let off = |off| SettingsChange { disable_personal_access_tokens: Some(off), ..SettingsChange::default() };
        for (switched, told) in [(true, "credential_unknown"), (false, "ok")] {
            fixture.authority.change_settings(&fixture.console(), off(switched)).await.unwrap();
            assert_eq!(code(&enter(&fixture, ROOT_TOKEN).await), told);
        }
    }

    async fn only_administrators_touch_users_and_settings(fixture: AuthorityFixture) {
        use tokenry_domain::user::StateChange;
        let authority = &fixture.authority;
        let ida = user(&fixture, "ida").await;
        let caller = bearer(&fixture, &issue(&fixture, ida.id).await).await;
        let before = fixture.trail().await.len();
        let new = tokenry_authority::users::NewUser { profile: common::profile("eve"), password: None };
        assert_eq!(code(&authority.create_user(&caller, new).await), "admin_only");
        assert_eq!(code(&authority.update_user(&caller, ida.id, UserChange::default()).await), "admin_only");
        assert_eq!(code(&authority.remove_user(&caller, ida.id).await), "admin_only");
        assert_eq!(code(&authority.change_user_state(&caller, ida.id, StateChange::Block).await), "admin_only");
        assert_eq!(code(&authority.show_settings(&caller)), "admin_only");
        assert_eq!(code(&authority.change_settings(&caller, SettingsChange::default()).await), "admin_only");
        assert_eq!(code(&authority.rotate_digest_key(&caller, |_| Ok::<_, tokenry_authority::Error>(())).await), "admin_only");
        assert_eq!(fixture.trail().await.len(), before);
    }
}

#[tokio::test]
async fn impersonation_can_be_switched_off() {
    let off = Options {
        impersonation: false,
        ..Options::default()
    };
    let fixture = AuthorityFixture::with_options(Engine::Sqlite, off).await;
    let acting = impersonate(&fixture, UserId::from_row(1)).await;
    assert_eq!(
        code(&enter(&fixture, acting.text.reveal()).await),
        "impersonation_disabled"
    );
    let fixture = fixture.reopened(Options::default()).await;
    assert_eq!(code(&enter(&fixture, acting.text.reveal()).await), "ok");
}
